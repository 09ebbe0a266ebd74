using System.Net;
using Agent.Blocks;
using Agent.Configuration;
using Cluster.Objects;
using Cluster.Store;
using Ipam;
using Linux;
using Linux.Addresses;
using Linux.Files;
using Microsoft.Extensions.Logging;

namespace Agent.Networks;

/// <summary>
/// A network on this node: claims blocks as pods need them, gives back what is spare, and writes the list that runtimes read. The list has
/// only blocks that the store says are this node's, so one that is another's by now gives no more addresses.
/// </summary>
/// <param name="options">Of the agent.</param>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="name">The network's name.</param>
/// <param name="self">This node.</param>
/// <param name="log">Told what is claimed, given back and lost.</param>
internal sealed partial class NodeNetwork(
    AgentOptions options, IClusterStore store, StoreKeys keys, string name, BlockHolder self, ILogger log)
{
    /// <summary>How long a block is spare before it gives no more addresses.</summary>
    public static readonly TimeSpan SpareTime = TimeSpan.FromMinutes(5);

    /// <summary>How long a block that gives no more addresses is kept: an ADD that read the list before may be running.</summary>
    public static readonly TimeSpan GraceTime = TimeSpan.FromMinutes(2);

    private const UnixFileMode ReadableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly NetworkLeases _leases = new(options.LeaseDirectory, name);
    private readonly HeldBlocks _remembered = new(options.RuntimeDirectory, name);
    private readonly string _list = Path.Combine(options.NetworkDirectory, $"10-{name}.conflist");
    private readonly Dictionary<IpPrefix, long> _spareSince = [], _retiredSince = [];

    // By the revision of their claims: the watch tells later that they are gone, and until then they must not be given from again.
    private readonly Dictionary<IpPrefix, long> _givenBack = [];

    private readonly List<string> _done = [];

    /// <summary>The clock by which spare blocks are given back; timestamps, since the time of day may be set.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Why the network does not give all the addresses that it should, as a sentence; null if it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>The node's blocks, and how many addresses of each are held.</summary>
    public IReadOnlyDictionary<IpPrefix, int> Held { get; private set; } = new Dictionary<IpPrefix, int>();

    /// <summary>What the last <see cref="ReconcileAsync"/> has done that users want to know of, each as a sentence.</summary>
    public IReadOnlyList<string> Done => _done;

    /// <summary>The containers that hold some of the addresses.</summary>
    /// <exception cref="IpamException">The leases cannot be read now.</exception>
    public IReadOnlyDictionary<IPAddress, string> FindHolders(IReadOnlySet<IPAddress> addresses) => _leases.FindHolders(addresses);

    /// <summary>Brings blocks and list to what they should be.</summary>
    /// <param name="network">The network; null if there is none of this name any more.</param>
    /// <param name="owners">Who has which of its blocks, as the store last said.</param>
    /// <param name="reserved">Addresses of it that no pod is given.</param>
    /// <param name="mtu">That of pods, bytes; null for the kernel's default.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The blocks of the node, those among them that give no more addresses.</returns>
    public async Task<IReadOnlyList<IpPrefix>> ReconcileAsync(
        Network? network,
        IReadOnlyList<BlockOwner> owners,
        IReadOnlySet<IPAddress> reserved,
        int? mtu,
        CancellationToken cancel)
    {
        Problem = null;
        _done.Clear();
        BlockPool[] pools = [.. (network?.Spec.ReadPools() ?? []).Select(static pool => new BlockPool(pool.Pool, pool.BlockLength))];
        BlockClaims claims = new(store, keys, name, pools, self);
        List<BlockOwner> own = [.. owners.Where(owner => owner.Holder.Is(self) && !IsGivenBack(owner))];
        try
        {
            await SignAsync(own, cancel);
            own.AddRange(await ReclaimAsync(owners, cancel));
            Held = _leases.Count([.. own.Select(static owner => owner.Block)]);
            IpPrefix[] inPool = [.. own.Select(static owner => owner.Block).Where(block => pools.Any(pool => pool.Has(block)))];
            Dictionary<IpPrefix, BlockUse> giving = inPool.Where(block => !_retiredSince.ContainsKey(block))
                .ToDictionary(static block => block, block => new BlockUse(Held[block], reserved.Count(block.Contains)));
            if (network is not null && BlockDemand.WantsMore(pools.Select(static pool => pool.Pool.Family).Distinct(), giving))
            {
                foreach (IpPrefix block in await MoreAsync(claims, owners, inPool, cancel))
                    giving[block] = new BlockUse(0, reserved.Count(block.Contains));
            }
            Retire(BlockDemand.Spare(giving), giving);
            // Of a network that is gone, or of a pool that it had.
            foreach (IpPrefix block in own.Select(static owner => owner.Block).Except(giving.Keys).Where(block => Held[block] == 0))
                _ = _retiredSince.TryAdd(block, Time.GetTimestamp());
            IReadOnlyList<IpPrefix> all = [.. own.Select(static owner => owner.Block).Union(giving.Keys)];
            // Before an address of a block is given, and before one is given back.
            _remembered.Write([.. all.OrderBy(static block => block.ToString(), StringComparer.Ordinal)]);
            IEnumerable<IpPrefix> notFull = giving.Where(static block => block.Value.Reserved < BlockAddresses.CountOfPods(block.Key))
                .Select(static block => block.Key);
            WriteList(network, [.. notFull], reserved, mtu);
            await GiveBackAsync(claims, own, cancel);
            return all;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Unavailable)
        {
            Problem = e.Message;
        }
        catch (Exception e) when (e is LinuxException or IpamException or IOException or UnauthorizedAccessException)
        {
            Problem = $"network {name}: {e.Message}";
            LogFailure(Problem);
        }
        return [.. own.Select(static owner => owner.Block)];
    }

    /// <summary>Writes this node's identity into blocks that an earlier agent of its name has claimed without one.</summary>
    private async Task SignAsync(List<BlockOwner> own, CancellationToken cancel)
    {
        foreach (BlockOwner owner in own.Where(static owner => owner.Holder.Identity.Length == 0).ToArray())
        {
            string key = keys.Block(name, owner.Block);
            StoreTransaction sign = new StoreTransaction()
                .Expect(new StoredValue(key, default, owner.Revision)).Put(key, BlockOwner.Write(self));
            if (await store.CommitAsync(sign, cancel) is { } revision)
                own[own.IndexOf(owner)] = owner with { Holder = self, Revision = revision };
        }
    }

    /// <summary>
    /// Claims again what the store has lost, restored from an older state for example, while pods of this node have addresses of it; what
    /// another node has claimed meanwhile is that one's.
    /// </summary>
    private async Task<IReadOnlyList<BlockOwner>> ReclaimAsync(IReadOnlyList<BlockOwner> owners, CancellationToken cancel)
    {
        List<BlockOwner> reclaimed = [];
        IpPrefix[] lost = [.. _remembered.All.Where(block => !owners.Any(owner => owner.Block == block && owner.Holder.Is(self)))];
        if (lost.Length == 0)
            return reclaimed;
        IReadOnlyDictionary<IpPrefix, int> held = _leases.Count(lost);
        foreach (IpPrefix block in lost)
        {
            if (held[block] == 0)
                continue;
            if (owners.FirstOrDefault(owner => owner.Block == block) is { } other)
            {
                Problem = $"block {block} of network {name} is {NameOf(other)}'s by now; this node gives no more addresses of it, and "
                    + $"{held[block]} of its pods have one that may be another pod's: delete and start them again";
                LogFailure(Problem);
                continue;
            }
            string key = keys.Block(name, block);
            StoreTransaction claim = new StoreTransaction().ExpectAbsent(key).Put(key, BlockOwner.Write(self));
            if (await store.CommitAsync(claim, cancel) is { } revision)
            {
                reclaimed.Add(new BlockOwner(block, self, revision));
                LogReclaimed(block, name, held[block]);
                _done.Add($"claimed block {block} of network {name} again, which the store had lost: {held[block]} addresses are held");
            }
        }
        return reclaimed;
    }

    /// <summary>Takes blocks that were about to be given back, or claims new ones.</summary>
    private async Task<IReadOnlyList<IpPrefix>> MoreAsync(
        BlockClaims claims, IReadOnlyList<BlockOwner> owners, IReadOnlyList<IpPrefix> own, CancellationToken cancel)
    {
        IpPrefix[] retired = [.. own.Where(_retiredSince.ContainsKey)];
        foreach (IpPrefix block in retired)
        {
            _ = _retiredSince.Remove(block);
            _ = _spareSince.Remove(block);
        }
        if (retired.Length > 0)
            return retired;
        // What this node has claimed a moment ago, or by a claim whose answer was lost: the watch tells of it later than the answer of the
        // claim, and other changes may come first. Claiming again would take a second block for nothing, and the list lose the first.
        IReadOnlyList<IpPrefix> untold = [.. (await claims.ListOwnAsync(cancel)).Select(static owner => owner.Block).Except(own)];
        if (untold.Count > 0)
            return untold;
        IReadOnlyList<IpPrefix> claimed = await claims.ClaimAsync(owners, cancel);
        if (claimed.Count > 0)
        {
            LogClaimed(name, string.Join(", ", claimed));
            _done.Add($"claimed for network {name}: {string.Join(", ", claimed)}");
        }
        else
        {
            Problem = $"network {name} has no free block left: make another network with a larger pool, or give back the blocks of nodes "
                + "that are gone (cnictl node forget)";
        }
        return claimed;
    }

    /// <summary>Takes blocks that have been spare for long from those that give addresses.</summary>
    private void Retire(IReadOnlyList<IpPrefix> spare, Dictionary<IpPrefix, BlockUse> giving)
    {
        long now = Time.GetTimestamp();
        foreach (IpPrefix block in _spareSince.Keys.Except(spare).ToArray())
            _ = _spareSince.Remove(block);
        foreach (IpPrefix block in spare)
        {
            if (Time.GetElapsedTime(_spareSince.TryGetValue(block, out long since) ? since : _spareSince[block] = now, now) < SpareTime)
                continue;
            _ = _retiredSince.TryAdd(block, now);
            _ = giving.Remove(block);
        }
    }

    private async Task GiveBackAsync(BlockClaims claims, IReadOnlyList<BlockOwner> own, CancellationToken cancel)
    {
        long now = Time.GetTimestamp();
        foreach (BlockOwner owner in own)
        {
            if (!_retiredSince.TryGetValue(owner.Block, out long since) || Time.GetElapsedTime(since, now) < GraceTime)
                continue;
            // Counted anew: an ADD that was running may have ended since.
            if (_leases.Count([owner.Block])[owner.Block] > 0)
            {
                _ = _retiredSince.Remove(owner.Block);
                continue;
            }
            if (await claims.GiveBackAsync(owner, cancel))
                LogGivenBack(owner.Block, name);
            _givenBack[owner.Block] = owner.Revision;
            _ = _retiredSince.Remove(owner.Block);
            _ = _spareSince.Remove(owner.Block);
        }
    }

    private string NameOf(BlockOwner other) => other.Node == self.Node ? "another node of this name" : $"node {other.Node}";

    private bool IsGivenBack(BlockOwner owner) => _givenBack.TryGetValue(owner.Block, out long revision) && revision == owner.Revision;

    private void WriteList(Network? network, IReadOnlyList<IpPrefix> blocks, IReadOnlySet<IPAddress> reserved, int? mtu)
    {
        if (network is null || blocks.Count == 0)
        {
            if (File.Exists(_list))
                File.Delete(_list);
            return;
        }
        IpPrefix[] ordered = [.. blocks.OrderBy(static block => block.Address.ToUInt128())];
        byte[] list = NetworkList.Write(network, ordered, reserved, mtu);
        if (PlainFile.TryRead(_list, 1024 * 1024) is { } there && there.AsSpan().SequenceEqual(list))
            return;
        OwnerDirectory.CreateParents(options.NetworkDirectory);
        AtomicFile.Write(_list, list, ReadableByAll);
        LogWritten(_list, string.Join<IpPrefix>(", ", ordered));
        _done.Add($"wrote {_list}: addresses of {string.Join<IpPrefix>(", ", ordered)}");
    }

    [LoggerMessage(LogLevel.Information, "claimed for network {Network}: {Blocks}")]
    private partial void LogClaimed(string network, string blocks);

    [LoggerMessage(LogLevel.Warning, "claimed block {Block} of network {Network} again: the store had lost it, {Held} addresses are held")]
    private partial void LogReclaimed(IpPrefix block, string network, int held);

    [LoggerMessage(LogLevel.Information, "gave back block {Block} of network {Network}")]
    private partial void LogGivenBack(IpPrefix block, string network);

    [LoggerMessage(LogLevel.Information, "wrote {List}: addresses of {Blocks}")]
    private partial void LogWritten(string list, string blocks);

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogFailure(string problem);
}
