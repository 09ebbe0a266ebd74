using System.Net;
using System.Threading.Channels;
using Agent.Blocks;
using Agent.Configuration;
using Agent.Networks;
using Agent.Nodes;
using Agent.Overlay;
using Cluster.Objects;
using Cluster.Store;
using Ipam;
using Linux;
using Linux.Addresses;
using Linux.Files;
using Microsoft.Extensions.Logging;
using Netlink;

namespace Agent;

/// <summary>
/// What one node does for the cluster: it says that it is there, claims blocks and writes the lists that runtimes read, and makes the ways
/// to the pods of the others. Whatever it has done stays when it ends.
/// </summary>
public sealed partial class NodeAgent : IDisposable
{
    // Pods that come and go by the hundred are one reason to look.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly AgentOptions _options;
    private readonly IClusterStore _store;
    private readonly OverlayDatapath _overlay;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly NodeLease _lease;
    private readonly KnownNodes _known;
    private readonly BlockHolder _self;
    private readonly ReservationKeeper _reservations;
    private readonly PassRequests _requests = new();
    private readonly OtherClusters _others;
    private readonly Dictionary<string, NodeNetwork> _networks = new(StringComparer.Ordinal);
    private readonly Channel<bool> _due =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile NodeStatusReport _report;

    /// <param name="options">What it was told.</param>
    /// <param name="store">The store; it stays the caller's.</param>
    /// <param name="overlay">The ways to the others; it stays the caller's.</param>
    /// <param name="loggers">Make the logs of its parts.</param>
    /// <exception cref="Linux.LinuxException">State and runtime directory cannot be used.</exception>
    public NodeAgent(AgentOptions options, IClusterStore store, OverlayDatapath overlay, ILoggerFactory loggers)
    {
        _options = options;
        _store = store;
        _overlay = overlay;
        _loggers = loggers;
        _log = loggers.CreateLogger("agent");
        Keys = new StoreKeys(options.Cluster);
        Node self = Describe(options);
        _self = new BlockHolder(options.Node, self.Identity);
        _others = new OtherClusters(store, options.Cluster);
        _reservations = new ReservationKeeper(store, Keys, options.Node);
        View = new ClusterView(store, Keys, _log) { Changed = WakeUp };
        _lease = new NodeLease(store, Keys, self, options.RuntimeDirectory, _log) { Changed = WakeUp };
        _report = NodeStatusReport.Empty with
        {
            Node = options.Node,
            Cluster = options.Cluster,
            Version = options.Version,
            Addresses = [.. options.Addresses.Select(IpText.Format)],
        };
        _known = new KnownNodes(options.RuntimeDirectory);
        _known.Read();
    }

    /// <summary>
    /// Between looks at how full blocks are where nothing has told of a pod: blocks that were long empty are given back by this.
    /// </summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the cluster's things stand in the store.</summary>
    public StoreKeys Keys { get; }

    /// <summary>What the store says.</summary>
    public ClusterView View { get; }

    /// <summary>How things are, as of the last time that something was done.</summary>
    public NodeStatusReport Report => _report with
    {
        Problems = [.. new[] { View.Problem, _lease.Problem }.OfType<string>(), .. _report.Problems, .. _overlay.Problems],
    };

    /// <summary>This node as the holder of blocks.</summary>
    public BlockHolder Self => _self;

    /// <summary>How the other nodes' blocks are reached.</summary>
    public IReadOnlyList<OverlayWay> Ways => _overlay.Ways;

    /// <summary>The MTU of pods, bytes; null while it is not known.</summary>
    public int? Mtu => _overlay.Mtu;

    /// <summary>That of pods which a backend carries, bytes; null while it is not known.</summary>
    public int? MtuOf(OverlayBackend backend) => _overlay.MtuOf(backend);

    /// <summary>Whether the node does all that the cluster wants of it.</summary>
    public bool IsReady => View.IsFilled && _lease.Problem is null && _report.HasRun;

    /// <summary>Works until it is cancelled.</summary>
    /// <exception cref="StoreException">The store refuses for a reason that time does not mend.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _overlay.Changed += WakeUp;
        using FileSystemWatcher pods = WatchPods();
        Task[] parts =
        [
            View.RunAsync(end.Token),
            _lease.RunAsync(end.Token),
            _overlay.RunAsync(end.Token),
            ReconcileAsync(end.Token),
            TickAsync(end.Token),
        ];
        try
        {
            // None ends before it is cancelled, unless it fails.
            await await Task.WhenAny(parts);
        }
        finally
        {
            await end.CancelAsync();
            _overlay.Changed -= WakeUp;
            await Task.WhenAll(parts).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Looks at everything again, from now on, and does what is to be done.</summary>
    /// <returns>What was done, each as a sentence.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before the node was able to look.</exception>
    public Task<IReadOnlyList<string>> LookAgainAsync(CancellationToken cancel)
    {
        Task<IReadOnlyList<string>> pass = _requests.Add(cancel);
        WakeUp();
        return pass;
    }

    /// <inheritdoc/>
    public void Dispose() => _due.Writer.TryComplete();

    private void WakeUp() => _ = _due.Writer.TryWrite(true);

    private async Task TickAsync(CancellationToken cancel)
    {
        using PeriodicTimer timer = new(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
                WakeUp();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // As it should.
        }
    }

    private async Task ReconcileAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (bool _ in _due.Reader.ReadAllAsync(cancel))
            {
                // Until all is known, an empty store and one that has not answered look the same. And the blocks of a name that is another
                // node's are that one's: its addresses would be given twice.
                if (!View.IsFilled || !_lease.HasName)
                    continue;
                await TryReconcileAsync(cancel);
                await Task.Delay(s_pause, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // As it should.
        }
    }

    /// <summary>A pod that has come or gone holds an address more or less; <c>endpoint</c> renames its record into the directory.</summary>
    private FileSystemWatcher WatchPods()
    {
        OwnerDirectory.Create(_options.RuntimeDirectory);
        OwnerDirectory.Create(_options.EndpointDirectory);
        FileSystemWatcher pods = new(_options.EndpointDirectory) { NotifyFilter = NotifyFilters.FileName };
        pods.Renamed += (_, _) => WakeUp();
        pods.Deleted += (_, _) => WakeUp();
        // Too many at once: some were not told.
        pods.Error += (_, _) => WakeUp();
        pods.EnableRaisingEvents = true;
        return pods;
    }

    /// <summary>What this node cannot do now it tries again at the next look.</summary>
    private async Task TryReconcileAsync(CancellationToken cancel)
    {
        try
        {
            using PassRequests.Pass pass = _requests.Begin();
            pass.Complete(await ReconcileOnceAsync(cancel));
        }
        catch (Exception e) when (
            e is LinuxException or NetlinkException or IpamException or StoreException or IOException or UnauthorizedAccessException)
        {
            if (!_report.Problems.Contains(e.Message))
                LogFailure(e.Message);
            _report = _report with { Problems = [e.Message] };
        }
    }

    /// <summary>
    /// Each node that knows of something that the store has lost puts it again, whoever was its owner: that one may be dead for the moment,
    /// and its pods alive. One of them is the first.
    /// </summary>
    private async Task PutLostAsync(CancellationToken cancel)
    {
        foreach ((string key, ReadOnlyMemory<byte> bytes) in View.Lost)
        {
            try
            {
                _ = await _store.CommitAsync(new StoreTransaction().ExpectAbsent(key).Put(key, bytes), cancel);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable)
            {
                // It is lost still at the next look, if it was not put.
                LogFailure(e.Message);
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Denied)
            {
                // Whom the store confines to its own keys leaves it to others.
                LogFailure(e.Message);
            }
        }
    }

    /// <returns>What was done that users want to know of.</returns>
    private async Task<IReadOnlyList<string>> ReconcileOnceAsync(CancellationToken cancel)
    {
        await PutLostAsync(cancel);
        IReadOnlyDictionary<string, IReadOnlyList<BlockOwner>> blocks = View.Blocks;
        IReadOnlyList<Network> all = View.Networks;
        Dictionary<string, Network> networks = all.Where(IsGood).ToDictionary(static network => network.Metadata.Name);
        HashSet<string> bad = [.. all.Select(static network => network.Metadata.Name).Where(name => !networks.ContainsKey(name))];
        List<IpPrefix> own = [];
        List<NetworkReport> reports = [];
        List<string> done = [];
        ILookup<string, ReservedAddress> reserved = View.Reserved.ToLookup(static address => address.Network);
        List<(ReservedAddress Reserved, string? Holder)> kept = [];
        IEnumerable<string> known = _networks.Keys.Union(HeldBlocks.Networks(_options.RuntimeDirectory));
        foreach (string name in networks.Keys.Union(known).Union(bad).Order(StringComparer.Ordinal).ToArray())
        {
            if (bad.Contains(name))
            {
                own.AddRange(blocks.GetValueOrDefault(name, [])
                    .Where(owner => owner.Holder.Is(_self)).Select(static owner => owner.Block));
                reports.Add(new NetworkReport(
                    name, [], $"network {name} in the store is wrong, and is left as it is: see the agent's log"));
                continue;
            }
            if (!_networks.TryGetValue(name, out NodeNetwork? network))
                _networks[name] = network = new NodeNetwork(_options, _store, Keys, name, _self, _loggers.CreateLogger("network"));
            IReadOnlyList<IpPrefix> held =
                await network.ReconcileAsync(
                    networks.GetValueOrDefault(name),
                    blocks.GetValueOrDefault(name, []),
                    reserved[name].Select(static address => address.Address).ToHashSet(),
                    _overlay.MtuOf(BackendOf(networks.GetValueOrDefault(name))),
                    cancel);
            own.AddRange(held);
            done.AddRange(network.Done);
            kept.AddRange(Kept(network, held, reserved[name]));
            reports.Add(new NetworkReport(
                name,
                [
                    .. held.Select(block => new BlockReport(
                        $"{block}",
                        network.Held.GetValueOrDefault(block),
                        BlockAddresses.CountOfPods(block),
                        reserved[name].Count(address => block.Contains(address.Address)))),
                ],
                network.Problem));
            if (!networks.ContainsKey(name) && held.Count == 0)
                _ = _networks.Remove(name);
        }
        IReadOnlyList<Node> nodes = View.Nodes;
        _known.Take(nodes, blocks.Values.SelectMany(static owners => owners).Select(static owner => owner.Node).ToHashSet());
        _overlay.Update(
            Peers(blocks, networks), own, PoolsOf(all), PoolsOf(all.Where(static network => network.MayOverlap)));
        _report = new NodeStatusReport(
            _options.Node, _options.Cluster, _options.Version, [.. _options.Addresses.Select(IpText.Format)], reports,
            [
                .. new[] { all.Count == 0 && blocks.Count == 0 ? await _others.FindProblemAsync(cancel) : null }.OfType<string>(),
                .. reports.Select(static report => report.Problem).OfType<string>(),
                .. kept.Where(static item => item.Holder is not null).Select(static item =>
                    $"address {IpText.Format(item.Reserved.Address)} of network {item.Reserved.Network} is reserved, and container "
                    + $"{item.Holder} holds it: delete that pod"),
            ],
            HasRun: true);
        if (_lease.Current is { } lease)
            await TryAnswerAsync(kept, lease, cancel);
        return done;
    }

    /// <summary>The reservations in this node's blocks.</summary>
    private static IEnumerable<(ReservedAddress Reserved, string? Holder)> Kept(
        NodeNetwork network, IReadOnlyList<IpPrefix> blocks, IEnumerable<ReservedAddress> reserved)
    {
        ReservedAddress[] own = [.. reserved.Where(address => blocks.Any(block => block.Contains(address.Address)))];
        if (own.Length == 0)
            return [];
        try
        {
            IReadOnlyDictionary<IPAddress, string> holders = network.FindHolders(own.Select(static address => address.Address).ToHashSet());
            return [.. own.Select(address => (address, holders.GetValueOrDefault(address.Address)))];
        }
        catch (IpamException)
        {
            // The network's own problem says that they cannot be read. Nothing is said of the reservations until they can.
            return [];
        }
    }

    private async Task TryAnswerAsync(
        IReadOnlyCollection<(ReservedAddress Reserved, string? Holder)> kept, StoreLease lease, CancellationToken cancel)
    {
        try
        {
            await _reservations.AnswerAsync(kept, View.AnswersOf(_options.Node), lease, cancel);
        }
        catch (StoreException e)
        {
            // The next look says it again.
            LogFailure(e.Message);
        }
    }

    private List<OverlayPeer> Peers(
        IReadOnlyDictionary<string, IReadOnlyList<BlockOwner>> blocks, IReadOnlyDictionary<string, Network> networks)
    {
        ILookup<string, OverlayBlock> byNode = blocks
            .SelectMany(network => network.Value
                .Select(owner => (owner.Node, Block: new OverlayBlock(owner.Block, BackendOf(networks.GetValueOrDefault(network.Key))))))
            .ToLookup(static block => block.Node, static block => block.Block);
        return
        [
            .. _known.Nodes.Where(node => node.Name != _options.Node && node.Addresses.Count > 0)
                .Select(node => new OverlayPeer(node.Name, node.Addresses, [.. byNode[node.Name]]) { WireGuardKey = node.WireGuardKey }),
        ];
    }

    private static IReadOnlyList<IpPrefix> PoolsOf(IEnumerable<Network> networks) =>
        [.. networks.SelectMany(static network => network.Spec.ReadPools()).Select(static pool => pool.Pool)];

    private static OverlayBackend BackendOf(Network? network) =>
        OverlayBackends.Find(network?.Spec.Backend ?? "auto") ?? OverlayBackend.Auto;

    /// <summary>What another program wrote may be wrong: nothing of such a network is touched.</summary>
    private bool IsGood(Network network)
    {
        IReadOnlyList<string> problems = network.FindProblems();
        foreach (string problem in problems)
            LogBadNetwork(network.Metadata.Name, problem);
        return problems.Count == 0;
    }

    private static Node Describe(AgentOptions options) => new()
    {
        Metadata = new ObjectMeta { Name = options.Node, Annotations = Annotate(options) },
        Status = new NodeStatus
        {
            Addresses =
            [
                .. options.Addresses.Select(static address =>
                    new NodeAddress { Type = NodeAddress.Internal, Address = IpText.Format(address) }),
            ],
        },
    };

    private static Dictionary<string, string> Annotate(AgentOptions options)
    {
        Dictionary<string, string> annotations = new()
        {
            [Node.VersionAnnotation] = options.Version,
            [Node.IdentityAnnotation] = NodeIdentity.ReadOrMake(options.StateDirectory),
        };
        if (options.WireGuardKey is { } key)
            annotations.Add(Node.WireGuardKeyAnnotation, $"{key}");
        return annotations;
    }

    [LoggerMessage(LogLevel.Error, "network {Network} in the store is wrong: {Problem}")]
    private partial void LogBadNetwork(string network, string problem);

    [LoggerMessage(LogLevel.Error, "{Problem}")]
    private partial void LogFailure(string problem);
}
