using System.Collections.Concurrent;
using System.Net;
using Agent.Blocks;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
using Microsoft.Extensions.Logging;

namespace Agent;

/// <summary>What the store says of networks, blocks and nodes, as this node last heard it.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="log">Told of objects that cannot be read, and when the store does not answer.</param>
public sealed partial class ClusterView(IClusterStore store, StoreKeys keys, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Network> _networks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<IpPrefix, BlockOwner>> _blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Network, IPAddress Address), ReservedAddress> _reserved = [];
    private readonly Dictionary<(string Node, string Network, IPAddress Address), ReservationAnswer> _answers = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _lost = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StoreMirror> _mirrors = new();
    private int _filled;

    /// <summary>Called when something has changed, and first when all is known; on any thread.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Whether all is known that the store held at some moment since the agent started.</summary>
    public bool IsFilled => Volatile.Read(ref _filled) == 4;

    /// <summary>Why the store cannot be followed now, as a sentence; null if it can.</summary>
    public string? Problem => _mirrors.Values.Select(static mirror => mirror.Problem).FirstOrDefault(static problem => problem is not null);

    /// <summary>The networks.</summary>
    public IReadOnlyList<Network> Networks
    {
        get
        {
            lock (_gate)
                return [.. _networks.Values.OrderBy(static network => network.Metadata.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The nodes that are alive.</summary>
    public IReadOnlyList<Node> Nodes
    {
        get
        {
            lock (_gate)
                return [.. _nodes.Values.OrderBy(static node => node.Metadata.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>All blocks that somebody has, by network.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<BlockOwner>> Blocks
    {
        get
        {
            lock (_gate)
            {
                return _blocks.ToDictionary(
                    static network => network.Key,
                    static network => (IReadOnlyList<BlockOwner>)[.. network.Value.Values.OrderBy(static owner => owner.Block.ToString())],
                    StringComparer.Ordinal);
            }
        }
    }

    /// <summary>
    /// Networks, blocks and reservations, by key, that nobody has deleted, but a backup lacked from which the store was restored. They
    /// count as there, and should be put again: a block that counted as free would be claimed while pods have its addresses.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Lost
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, ReadOnlyMemory<byte>>(_lost);
        }
    }

    /// <summary>The addresses that no pod is given.</summary>
    public IReadOnlyList<ReservedAddress> Reserved
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _reserved.Values.OrderBy(static reserved => reserved.Network, StringComparer.Ordinal)
                        .ThenBy(static reserved => reserved.Address.AddressFamily).ThenBy(static reserved => reserved.Address.ToUInt128()),
                ];
            }
        }
    }

    /// <summary>What a node says of reservations, by network and address.</summary>
    public IReadOnlyDictionary<(string Network, IPAddress Address), ReservationAnswer> AnswersOf(string node)
    {
        lock (_gate)
        {
            return _answers.Where(answer => answer.Key.Node == node)
                .ToDictionary(static answer => (answer.Key.Network, answer.Key.Address), static answer => answer.Value);
        }
    }

    /// <summary>Follows the store until it is cancelled.</summary>
    /// <exception cref="StoreException">The store refuses for a reason that time does not mend.</exception>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        FollowAsync(keys.Networks, change => TakePermanent(change, TakeNetwork), cancel),
        FollowAsync(keys.AllBlocks, change => TakePermanent(change, TakeBlock), cancel),
        FollowAsync(keys.Reservations, change => TakePermanent(change, TakeReservation), cancel),
        FollowAsync(keys.Nodes, TakeNode, cancel));

    private async Task FollowAsync(string prefix, Action<StoreChange> take, CancellationToken cancel)
    {
        StoreMirror mirror = new(store, prefix)
        {
            Failed = failure => LogUnavailable(failure.Message),
            Recovered = () => LogRecovered(prefix),
        };
        _mirrors[prefix] = mirror;
        await mirror.RunAsync(
            changes =>
            {
                lock (_gate)
                {
                    foreach (StoreChange change in changes)
                        take(change);
                }
                // The first call is that of the listing, before the mirror counts as filled.
                if (!mirror.IsFilled)
                    _ = Interlocked.Increment(ref _filled);
                if (IsFilled)
                    Changed();
                return ValueTask.CompletedTask;
            },
            cancel);
    }

    private void TakePermanent(StoreChange change, Action<StoreChange> take)
    {
        if (change.Lost is { } lost)
        {
            _lost[change.Key] = lost.Bytes;
            LogLost(change.Key);
            return;
        }
        _ = _lost.Remove(change.Key);
        take(change);
    }

    private void TakeNetwork(StoreChange change)
    {
        string name = change.Key[keys.Networks.Length..];
        string? problem = null;
        if (change.Value is { } value && ObjectJson.ReadNetwork(value.Bytes, out problem) is { } network)
        {
            _networks[name] = network;
            return;
        }
        // One that cannot be read any more stays as it was: what its pods have must not go.
        if (problem is not null)
            LogUnreadable(change.Key, problem);
        else
            _ = _networks.Remove(name);
    }

    private void TakeNode(StoreChange change)
    {
        if (change.Key[keys.Nodes.Length..].Split('/') is [var owner, "reservations", var network, var text])
            TakeAnswer(owner, network, text, change.Value);
        if (!change.Key.EndsWith("/node", StringComparison.Ordinal))
            return;
        string name = change.Key[keys.Nodes.Length..^"/node".Length];
        string? problem = null;
        if (change.Value is { } value && ObjectJson.ReadNode(value.Bytes, out problem) is { } node && node.Metadata.Name == name)
            _nodes[name] = node;
        else if (problem is not null)
            LogUnreadable(change.Key, problem);
        else
            _ = _nodes.Remove(name);
    }

    private void TakeAnswer(string node, string network, string text, StoredValue? value)
    {
        if (!IPAddress.TryParse(text, out IPAddress? address))
            return;
        if (value is not null && ReservationAnswer.Read(node, value.Bytes) is { } answer)
            _answers[(node, network, address)] = answer;
        else
            _ = _answers.Remove((node, network, address));
    }

    private void TakeReservation(StoreChange change)
    {
        if (change.Key[keys.Reservations.Length..].Split('/') is not [var network, var text]
            || !IPAddress.TryParse(text, out IPAddress? address))
            return;
        string? problem = null;
        if (change.Value is { } value && ObjectJson.ReadReservation(value.Bytes, out problem) is { } reservation)
            _reserved[(network, address)] = new ReservedAddress(network, address, reservation.Spec.Comment ?? "", value.Revision);
        else if (problem is not null)
            LogUnreadable(change.Key, problem);
        else
            _ = _reserved.Remove((network, address));
    }

    private void TakeBlock(StoreChange change)
    {
        string rest = change.Key[keys.AllBlocks.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || keys.BlockOf(rest[..slash], change.Key) is not { } block)
            return;
        string network = rest[..slash];
        if (!_blocks.TryGetValue(network, out Dictionary<IpPrefix, BlockOwner>? owners))
            _blocks[network] = owners = [];
        if (change.Value is { } value)
            owners[block] = new BlockOwner(block, BlockOwner.Read(value.Bytes), value.Revision);
        else
            _ = owners.Remove(block);
        if (owners.Count == 0)
            _ = _blocks.Remove(network);
    }

    [LoggerMessage(LogLevel.Error, "{Key} in the store cannot be read: {Problem}")]
    private partial void LogUnreadable(string key, string problem);

    [LoggerMessage(LogLevel.Warning, "{Key} is missing in the store, which was restored from a backup: it is put again")]
    private partial void LogLost(string key);

    [LoggerMessage(LogLevel.Warning, "the store does not answer, and all stays as it is: {Problem}")]
    private partial void LogUnavailable(string problem);

    [LoggerMessage(LogLevel.Information, "the store is followed again: {Prefix}")]
    private partial void LogRecovered(string prefix);
}
