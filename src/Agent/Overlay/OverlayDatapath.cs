using System.Diagnostics;
using Datapath.Reconciliation;
using Linux.Addresses;
using Linux.Namespaces;
using Linux.Processes;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Events;

namespace Agent.Overlay;

/// <summary>
/// This node's ways to the pods of the others, in the kernel: tunnels, forwarding entries, neighbours, routes and rules of the firewall.
/// All of it stays and works when nobody runs this; what somebody else changes is mended.
/// </summary>
/// <example><code>
/// using OverlayDatapath overlay = OverlayDatapath.Open(settings);
/// Task running = overlay.RunAsync(cancellation);
/// overlay.Update(peers, ownBlocks, pools);
/// </code></example>
public sealed class OverlayDatapath : IDisposable
{
    // Sorting and comparing a thousand nodes is not for the small stack of threads that make a system call.
    private const int StackSize = 1024 * 1024;

    private readonly OverlaySettings _settings;
    private readonly NetworkNamespace? _namespace;
    private readonly ReconcileLoop _loop = new(new ReconcileTimes());
    private volatile OverlayWanted? _wanted;
    private volatile OverlayState _state;
    private volatile OverlayWatch? _watch;

    private OverlayDatapath(OverlaySettings settings, NetworkNamespace? networkNamespace, OverlayState state) =>
        (_settings, _namespace, _state) = (settings, networkNamespace, state);

    /// <summary>
    /// Raised, on a thread of the datapath's, when <see cref="Problems"/>, <see cref="Mtu"/> or <see cref="MtuOf"/> have changed.
    /// </summary>
    public event Action? Changed;

    /// <summary>Raised, on a thread of the datapath's, after each look at the kernel, with the time that it took.</summary>
    public event Action<TimeSpan>? Reconciled;

    /// <summary>Gets a line for the log, on a thread of the datapath's: what was changed in the kernel, and what could not be.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>What is not as wanted, each as a sentence with the name of whom it is about; empty if all is well.</summary>
    public IReadOnlyList<string> Problems => _state.Problems;

    /// <summary>The MTU that pods of the overlay should have, bytes; null while no interface to the underlay is known.</summary>
    public int? Mtu => _state.Mtu;

    /// <summary>The MTU that pods of a network should have, bytes; null while no interface to the underlay is known.</summary>
    /// <param name="backend">The network's.</param>
    public int? MtuOf(OverlayBackend backend) => backend == OverlayBackend.WireGuard ? _state.WireGuardMtu : _state.Mtu;

    /// <summary>How the blocks of other nodes are reached, as of the last look.</summary>
    public IReadOnlyList<OverlayWay> Ways => _state.Ways;

    /// <summary>Prepares the overlay of a network namespace; nothing is changed before <see cref="RunAsync"/>.</summary>
    /// <param name="settings">Node and cluster.</param>
    /// <param name="networkNamespace">Where; must stay open. Null for the calling thread's.</param>
    /// <exception cref="ArgumentException">A setting is wrong; the message names it, its value and the remedy.</exception>
    /// <exception cref="Netlink.NetlinkException">The kernel does not tell of its interfaces.</exception>
    public static OverlayDatapath Open(OverlaySettings settings, NetworkNamespace? networkNamespace = null)
    {
        settings.Validate();
        using RouteClient client = networkNamespace is null ? RouteClient.Open() : RouteClient.Open(networkNamespace);
        Underlay underlay = new(client);
        OverlayState state = new(
            [],
            OverlayPass.FindMtu(settings, underlay, []),
            OverlayPass.FindWireGuardMtu(settings, underlay, new PlannedWireGuard([], [])),
            []);
        return new OverlayDatapath(settings, networkNamespace, state);
    }

    /// <summary>
    /// Says what there should be from now on, in place of what was said before. Any thread may call it; it only takes the values and
    /// returns. Before the first call the kernel is left as it is.
    /// </summary>
    /// <param name="peers">All other nodes.</param>
    /// <param name="ownBlocks">The blocks of this node.</param>
    /// <param name="pools">All addresses of the cluster's pods: what goes there is never masqueraded.</param>
    /// <param name="sharedPools">Pools among them that may overlap with routes of this node; null for none.</param>
    public void Update(
        IReadOnlyList<OverlayPeer> peers,
        IReadOnlyList<IpPrefix> ownBlocks,
        IReadOnlyList<IpPrefix> pools,
        IReadOnlyList<IpPrefix>? sharedPools = null)
    {
        _wanted = new OverlayWanted([.. peers], [.. ownBlocks.Distinct()], [.. pools.Distinct()], sharedPools ?? []);
        _loop.Trigger();
    }

    /// <summary>
    /// Keeps the kernel as it should be until it is cancelled; then all stays as it is. What the kernel refuses is one of
    /// <see cref="Problems"/> and tried again.
    /// </summary>
    /// <returns>Ends, without an error, when it is cancelled.</returns>
    /// <exception cref="Linux.LinuxException">The kernel lacks netlink, or this process the capability CAP_NET_ADMIN.</exception>
    public Task RunAsync(CancellationToken cancellation)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, since it enters the namespace and does not come back.
        _ = WorkerThread.Start(
            () =>
            {
                try
                {
                    _namespace?.EnterForGood();
                    Run(cancellation);
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            StackSize);
        return done.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    private void Run(CancellationToken cancellation)
    {
        // Whatever ends the loop ends the listeners, before what they listen to is closed.
        using CancellationTokenSource listening = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using RouteClient client = RouteClient.Open();
        using NftClient nft = NftClient.Open();
        using RouteEvents events = RouteEvents.Open(OverlayWatch.Subjects);
        using NftMonitor monitor = NftMonitor.Open();
        // Listeners open before the first look miss nothing that happens behind it.
        Thread routes = Listen(
            () =>
            {
                if (events.Next(Timeout.InfiniteTimeSpan, listening.Token) is { } change && _watch?.Concerns(change) != false)
                    _loop.Trigger();
            },
            listening.Token);
        Thread rules = Listen(
            () =>
            {
                if (monitor.WaitForChange(Timeout.InfiniteTimeSpan, listening.Token))
                    _loop.Trigger();
            },
            listening.Token);
        WireGuardWatch keys = new();
        Thread peers = Listen(
            () =>
            {
                if (listening.Token.WaitHandle.WaitOne(WireGuardWatch.Period))
                    return;
                if (_watch is { HasWireGuard: true } && keys.HasChanged())
                    _loop.Trigger();
            },
            listening.Token);
        OverlayPass pass = new(client, nft, _settings, line => Log?.Invoke(line), watch => _watch = watch);
        try
        {
            _loop.Run(() => Reconcile(pass), cancellation);
        }
        finally
        {
            listening.Cancel();
            routes.Join();
            rules.Join();
            peers.Join();
        }
    }

    private bool Reconcile(OverlayPass pass)
    {
        if (_wanted is not { } wanted)
            return true;
        long start = Stopwatch.GetTimestamp();
        (OverlayState state, bool isWhole) = pass.Run(wanted);
        OverlayState former = _state;
        _state = state;
        if ((state.Mtu, state.WireGuardMtu) != (former.Mtu, former.WireGuardMtu) || !state.Problems.SequenceEqual(former.Problems))
        {
            foreach (string problem in state.Problems.Except(former.Problems))
                Log?.Invoke(problem);
            Changed?.Invoke();
        }
        Reconciled?.Invoke(Stopwatch.GetElapsedTime(start));
        return isWhole;
    }

    private Thread Listen(Action waitOnce, CancellationToken cancellation) => WorkerThread.Start(
        () =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                try
                {
                    waitOnce();
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (Exception e) when (e is Netlink.NetlinkException or Linux.LinuxException)
                {
                    // The timer finds what is not told of meanwhile.
                    Log?.Invoke($"changes of the kernel's state are not told: {e.Message}");
                    _loop.Trigger();
                    _ = cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
                }
            }
        },
        StackSize);
}
