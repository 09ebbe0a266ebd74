using Agent.Blocks;
using Cluster.Objects;
using Cluster.Store;
using Microsoft.AspNetCore.Http;

namespace Agent.Api;

/// <summary>What users do with nodes in the store.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="self">This node.</param>
internal sealed class NodeActions(IClusterStore store, StoreKeys keys, BlockHolder self)
{
    /// <summary>
    /// Gives back the blocks of a node that will not come again: all of its name, or, where a node of that name is alive, those of the
    /// other that had it before.
    /// </summary>
    /// <exception cref="ApiException">The node is alive, or has nothing.</exception>
    public async Task<ForgottenNode> ForgetAsync(string node, CancellationToken cancel)
    {
        StoredValue? alive = await FindNodeAsync(node, cancel);
        StoredValue[] blocks = [.. (await BlocksOfNameAsync(node, cancel)).Where(block => alive is null || !IsOf(block, alive))];
        if (blocks.Length == 0)
        {
            throw alive is not null
                ? Conflict($"node {node} is alive: stop its agent, and wait until cnictl nodes shows it as gone")
                : new ApiException(StatusCodes.Status404NotFound, $"node {node} has no blocks: cnictl nodes shows those that have");
        }
        List<string> freed = [];
        foreach (StoredValue block in blocks)
        {
            // The node may have come back meanwhile.
            StoreTransaction release = ExpectNode(new StoreTransaction().Expect(block), node, alive);
            if (await store.CommitAsync(release.Delete(block.Key), cancel) is not null)
                freed.Add(keys.TextOfBlock(block.Key));
        }
        return new ForgottenNode(node, freed);
    }

    /// <summary>Gives a node the blocks of its name that bear another identity: it is the same host, whose state was lost.</summary>
    /// <returns>What was done, each as a sentence.</returns>
    /// <exception cref="ApiException">The node is gone, or another one of its name is alive.</exception>
    public async Task<IReadOnlyList<string>> TakeOverAsync(string node, CancellationToken cancel)
    {
        StoredValue? alive = await FindNodeAsync(node, cancel);
        BlockHolder holder = node == self.Node ? self : alive is not null ? HolderIn(alive) : throw Conflict(
            $"node {node} is gone: start its agent, and run cnictl node repair --self there; or, if it will not come again, "
            + $"cnictl node forget {node}");
        if (alive is not null && HolderIn(alive) != holder)
        {
            throw Conflict($"another node of the name {node} is alive: give one of the two another name (nodeName), or stop the other's "
                + "agent and wait until cnictl nodes shows it as gone");
        }
        List<string> done = [];
        foreach (StoredValue block in (await BlocksOfNameAsync(node, cancel)).Where(block => BlockOwner.Read(block.Bytes) != holder))
        {
            StoreTransaction take = ExpectNode(new StoreTransaction().Expect(block), node, alive);
            if (await store.CommitAsync(take.Put(block.Key, BlockOwner.Write(holder)), cancel) is not null)
                done.Add($"took over block {keys.TextOfBlock(block.Key)} from an earlier {node}");
        }
        return done;
    }

    private async Task<StoredValue?> FindNodeAsync(string node, CancellationToken cancel)
    {
        string key = keys.NodeObject(node);
        return (await store.ListAsync(key, cancel)).Values.FirstOrDefault(value => value.Key == key);
    }

    private async Task<IEnumerable<StoredValue>> BlocksOfNameAsync(string node, CancellationToken cancel) =>
        (await store.ListAsync(keys.AllBlocks, cancel)).Values.Where(value => BlockOwner.Read(value.Bytes).Node == node);

    private StoreTransaction ExpectNode(StoreTransaction transaction, string node, StoredValue? alive) =>
        alive is null ? transaction.ExpectAbsent(keys.NodeObject(node)) : transaction.Expect(alive);

    private static bool IsOf(StoredValue block, StoredValue node) => BlockOwner.Read(block.Bytes).Is(HolderIn(node));

    private static BlockHolder HolderIn(StoredValue node) =>
        ObjectJson.ReadNode(node.Bytes, out _) is { } read ? new BlockHolder(read.Metadata.Name, read.Identity) : default;

    private static ApiException Conflict(string message) => new(StatusCodes.Status409Conflict, message);
}
