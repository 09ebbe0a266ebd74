using Cluster.Store;
using Linux.Addresses;

namespace Agent.Blocks;

/// <summary>
/// The blocks of a network, claimed and given back by one node. The store decides who has a block, by a key that must be absent when it is
/// claimed and unchanged when it is given back; nothing else ever ends a claim, so a node that is away for days finds its blocks again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where blocks stand in it.</param>
/// <param name="network">The network's name.</param>
/// <param name="pools">Its pools; one block of each family is claimed at a time.</param>
/// <param name="self">The node.</param>
public sealed class BlockClaims(IClusterStore store, StoreKeys keys, string network, IReadOnlyList<BlockPool> pools, BlockHolder self)
{
    // Each attempt fails only because another node took the same free block in the moment since they were listed.
    private const int Attempts = 100;

    /// <summary>Lists who has which block.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<BlockOwner>> ListAsync(CancellationToken cancel) =>
        [.. (await store.ListAsync(keys.Blocks(network), cancel)).Values.Select(Owner).OfType<BlockOwner>()];

    /// <summary>The node's own blocks.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<BlockOwner>> ListOwnAsync(CancellationToken cancel) =>
        [.. (await ListAsync(cancel)).Where(owner => owner.Holder.Is(self))];

    /// <summary>
    /// Claims a block of each family that has pools, all in one transaction. What a claim took whose answer was lost is found by
    /// <see cref="ListOwnAsync"/>.
    /// </summary>
    /// <param name="known">Who had which block, as last heard: what a restored store has lost is nobody's to claim.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The new blocks; empty if a family has none left, and then nothing was claimed.</returns>
    /// <exception cref="StoreException">
    /// The store does not answer, or <see cref="StoreErrorKind.Unavailable"/>: others claimed all the time.
    /// </exception>
    public async Task<IReadOnlyList<IpPrefix>> ClaimAsync(IReadOnlyCollection<BlockOwner> known, CancellationToken cancel)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            HashSet<IpPrefix> taken = [.. (await ListAsync(cancel)).Concat(known).Select(static owner => owner.Block)];
            List<IpPrefix> wanted = [];
            foreach (IGrouping<IpFamily, BlockPool> family in pools.GroupBy(static pool => pool.Pool.Family))
            {
                IEnumerable<IpPrefix?> free = family.Select(pool => pool.FindFree(self.Node, taken.Contains));
                if (free.FirstOrDefault(static block => block is not null) is not { } block)
                    return [];
                wanted.Add(block);
            }
            StoreTransaction claim = new();
            foreach (IpPrefix block in wanted)
            {
                string key = keys.Block(network, block);
                _ = claim.ExpectAbsent(key).Put(key, BlockOwner.Write(self));
            }
            if (await store.CommitAsync(claim, cancel) is not null)
                return wanted;
        }
        throw new StoreException(StoreErrorKind.Unavailable, $"blocks of network {network}: other nodes were first in {Attempts} attempts");
    }

    /// <summary>Gives a block back, unless it is another's by now.</summary>
    /// <returns>Whether it was still the node's.</returns>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<bool> GiveBackAsync(BlockOwner own, CancellationToken cancel)
    {
        string key = keys.Block(network, own.Block);
        StoreTransaction release = new StoreTransaction().Expect(new StoredValue(key, default, own.Revision)).Delete(key);
        return own.Holder.Is(self) && await store.CommitAsync(release, cancel) is not null;
    }

    private BlockOwner? Owner(StoredValue value) => keys.BlockOf(network, value.Key) is { } block && pools.Any(pool => pool.Has(block))
        ? new BlockOwner(block, BlockOwner.Read(value.Bytes), value.Revision)
        : null;
}
