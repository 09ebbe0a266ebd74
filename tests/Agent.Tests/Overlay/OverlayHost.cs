using System.Collections.Concurrent;
using System.Net;
using Agent.Overlay;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Events;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Agent.Tests.Overlay;

/// <summary>A host with one pod, which has a routed veth as pods of the cluster have. Its number is in all its addresses.</summary>
internal sealed class OverlayHost : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _log = new();
    private CancellationTokenSource _stop = new();
    private Task? _running;
    private OverlayDatapath? _datapath;

    public OverlayHost(int number)
    {
        Number = number;
        Client = RouteClient.Open(Namespace);
        Nft = NftClient.Open(Namespace);
        // Without it no neighbour of IPv6 is asked for during the first second.
        _ = NodeProgram.Run(Namespace, "ip link set lo up; sysctl -qw net.ipv6.conf.default.accept_dad=0");
        Client.CreateLink(new VethSpec { Name = "pod0", Up = true, Peer = new VethPeer { Name = "eth0", TargetNamespace = Pod } });
        _ = NodeProgram.Run(Namespace, $"""
            ip addr add 169.254.1.1/32 dev pod0
            ip -6 addr add fe80::1/64 dev pod0 nodad
            ip route add {Pod4}/32 dev pod0
            ip -6 route add {Pod6}/128 dev pod0
            """);
        _ = NodeProgram.Run(Pod, $"""
            ip link set lo up
            ip link set eth0 up
            ip addr add {Pod4}/32 dev eth0
            ip -6 addr add {Pod6}/128 dev eth0 nodad
            ip route add 169.254.1.1 dev eth0
            ip route add default via 169.254.1.1 dev eth0
            ip -6 route add default via fe80::1 dev eth0
            """);
    }

    public int Number { get; }

    public string Name => $"node{Number}";

    public NetworkNamespace Namespace { get; } = NetworkNamespace.Create();

    public NetworkNamespace Pod { get; } = NetworkNamespace.Create();

    public RouteClient Client { get; }

    public NftClient Nft { get; }

    public IReadOnlyList<IPAddress> Addresses { get; private set; } = [];

    public string Pod4 => $"10.244.{Number}.5";

    public string Pod6 => $"fd00:244:{Number}::5";

    public IpPrefix Block4 => TestCall.Prefix($"10.244.{Number}.0/26");

    public IpPrefix Block6 => TestCall.Prefix($"fd00:244:{Number}::/122");

    public OverlayDatapath Datapath => _datapath!;

    public IEnumerable<string> Log => _log;

    public static IReadOnlyList<IpPrefix> Pools => [TestCall.Prefix("10.244.0.0/16"), TestCall.Prefix("fd00:244::/32")];

    /// <summary>Plugs the host into a switch, with addresses such as 192.0.2.1/24.</summary>
    public OverlayHost PlugInto(NetworkNamespace switches, string bridge, params string[] addresses)
    {
        Client.CreateLink(new VethSpec { Name = "eth0", Peer = new VethPeer { Name = $"port{Number}", TargetNamespace = switches } });
        _ = NodeProgram.Run(switches, $"ip link set port{Number} master {bridge} up");
        IEnumerable<string> commands = addresses.Select(
            static address => $"ip addr add {address} dev eth0{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}");
        _ = NodeProgram.Run(Namespace, string.Join('\n', commands.Append("ip link set eth0 up")));
        Addresses = [.. addresses.Select(static address => TestCall.Prefix(address).Address)];
        return this;
    }

    public OverlayPeer As(OverlayBackend backend) =>
        new(Name, Addresses, [new OverlayBlock(Block4, backend), new OverlayBlock(Block6, backend)]);

    /// <summary>Starts a datapath and waits until it has looked at the kernel once.</summary>
    public void Start(OverlayBackend backend, params OverlayHost[] peers) => Start([.. peers.Select(peer => peer.As(backend))]);

    public void Start(IReadOnlyList<OverlayPeer> peers, Func<OverlaySettings, OverlaySettings>? change = null)
    {
        OverlaySettings settings = new() { Cluster = "test", Node = Name, Addresses = Addresses };
        _datapath = OverlayDatapath.Open(change?.Invoke(settings) ?? settings, Namespace);
        _datapath.Log = _log.Enqueue;
        _stop = new CancellationTokenSource();
        _running = _datapath.RunAsync(_stop.Token);
        Update(peers);
    }

    /// <summary>Says what there should be, and waits until the datapath has looked at it.</summary>
    public void Update(IReadOnlyList<OverlayPeer> peers)
    {
        using ManualResetEventSlim looked = new();
        void Look(TimeSpan _) => looked.Set();
        Datapath.Reconciled += Look;
        Datapath.Update(peers, [Block4, Block6], Pools);
        Assert.True(looked.Wait(Patience), "it has not looked");
        // That look may have been under way before the update; the next is not.
        looked.Reset();
        Datapath.Update(peers, [Block4, Block6], Pools);
        Assert.True(looked.Wait(Patience), "it has not looked again");
        Datapath.Reconciled -= Look;
    }

    public void Stop()
    {
        if (_running is null)
            return;
        _stop.Cancel();
        Assert.True(_running.Wait(Patience), "it does not end");
        _running = null;
        _datapath!.Dispose();
        _stop.Dispose();
    }

    /// <summary>Waits for events until it is so, and tells how long that took.</summary>
    public TimeSpan Await(Func<bool> isSo, string what)
    {
        using RouteEvents events = RouteEvents.Open(Namespace, RouteSubjects.All);
        long start = Environment.TickCount64;
        while (!isSo())
        {
            TimeSpan left = Patience - TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
            // What no event of routing tells of, such as a rule, is looked at again ten times a second.
            _ = events.Next(TimeSpan.FromMilliseconds(100));
            Assert.True(left > TimeSpan.Zero, $"{what} did not come:\n{string.Join('\n', _log)}\n{State()}");
        }
        return TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
    }

    /// <summary>The routes that bear our number.</summary>
    public List<RouteSpec> Routes() => Client.ListRoutes(new RouteFilter { Protocol = (RouteProtocol)67 });

    /// <summary>All that the overlay may have made, as the node's own programs show it.</summary>
    public string State() => NodeProgram.TryRun(Namespace, """
        ip -br link | grep cni-vx || true
        ip -br addr | grep cni-vx || true
        ip route show proto 67
        ip -6 route show proto 67
        ip -6 neigh show nud permanent | grep cni-vx || true
        bridge fdb | grep cni-vx || true
        nft list table inet cniplugin-overlay || true
        """).Output;

    public bool Reaches(OverlayHost other) => Pings(other.Pod4) && Pings(other.Pod6);

    /// <summary>Whether the pod gets an answer.</summary>
    public bool Pings(string address) => NodeProgram.Pings(Pod, address);

    public void Dispose()
    {
        Stop();
        Nft.Dispose();
        Client.Dispose();
        Pod.Dispose();
        Namespace.Dispose();
    }
}
