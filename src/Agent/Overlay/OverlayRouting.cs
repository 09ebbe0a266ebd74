using System.Net;
using Agent.Blocks;
using Datapath.Reconciliation;
using Linux.Addresses;
using Netlink;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;

namespace Agent.Overlay;

/// <summary>Carries a plan out: devices, forwarding entries, neighbours, routes. What is right is not touched.</summary>
/// <param name="client">The kernel.</param>
/// <param name="settings">Node and cluster.</param>
/// <param name="log">Gets what was changed.</param>
internal sealed class OverlayRouting(RouteClient client, OverlaySettings settings, Action<string> log)
{
    /// <summary>
    /// Marks our routes (rtm_protocol): the letter C. Neither linux/rtnetlink.h nor /etc/iproute2/rt_protos has it, and no other program is
    /// known to use it (BIRD 12, Calico 80, OVN 84, FRR 186 to 197).
    /// </summary>
    public const RouteProtocol Protocol = (RouteProtocol)67;

    // Behind all other routes of the same length, such as that of a bridge which has the block.
    private const uint LastPriority = uint.MaxValue;

    private readonly List<string> _problems = [];

    /// <summary>Makes all as planned.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="ownBlocks">The blocks of this node.</param>
    /// <param name="underlay">The network of the nodes.</param>
    /// <param name="wireGuardMtu">The MTU of the WireGuard tunnel; null to leave it.</param>
    /// <param name="onDevices">Gets the indexes of the devices before anything on them is looked at.</param>
    /// <returns>What the kernel refused, each as a sentence; it is worth to be tried again.</returns>
    public IReadOnlyList<string> Reconcile(
        OverlayPlan plan,
        IReadOnlyList<IpPrefix> ownBlocks,
        Underlay underlay,
        int? wireGuardMtu,
        Action<IReadOnlyCollection<int>> onDevices)
    {
        _problems.Clear();
        Dictionary<IpFamily, int> devices = [];
        foreach (PlannedTunnel tunnel in plan.Tunnels)
        {
            int? mtu = settings.Mtu ?? underlay.FindMtu(
                tunnel.Local, tunnel.Ends.Select(static end => end.Host), Underlay.OverheadOf(tunnel.Family));
            Try(() => devices[tunnel.Family] = new TunnelDevice(client, settings, tunnel.Family).Ensure(tunnel, mtu, log));
        }
        WireGuardTunnel encrypted = new(client, settings);
        int? wireGuard = null;
        if (plan.WireGuard.IsWanted)
            Try(() => wireGuard = encrypted.Ensure(plan.WireGuard, wireGuardMtu, log));
        int[] all = [.. devices.OrderBy(static device => device.Key).Select(static device => device.Value)];
        if (wireGuard is { } index)
            all = [.. all, index];
        onDevices(all);
        Dictionary<IpFamily, IPAddress> sources = [];
        foreach (int device in all)
            Try(() => ReconcileAddresses(device, ownBlocks, sources));
        foreach (PlannedTunnel tunnel in plan.Tunnels)
        {
            if (devices.TryGetValue(tunnel.Family, out int device))
                Try(() => ReconcileEnds(tunnel, device));
        }
        Try(() => ReconcileRoutes(plan, ownBlocks, devices, wireGuard, sources));
        foreach (IpFamily family in IpFamily.Both.Where(family => !plan.Tunnels.Any(tunnel => tunnel.Family == family)))
            Try(() => new TunnelDevice(client, settings, family).Remove(log));
        if (!plan.WireGuard.IsWanted)
            Try(() => encrypted.Remove(log));
        return [.. _problems];
    }

    /// <summary>
    /// The host's own packets to pods behind a tunnel need a source to which the answers come back through the tunnel, not past it, where
    /// reverse path filters and networks that know the nodes' addresses alone would drop them: <see cref="BlockAddresses"/>, on the first
    /// tunnel alone.
    /// </summary>
    private void ReconcileAddresses(int device, IReadOnlyList<IpPrefix> ownBlocks, Dictionary<IpFamily, IPAddress> sources)
    {
        OwnedAddresses addresses = new(client, device);
        IReadOnlyList<AddressSpec> present = addresses.List();
        List<AddressSpec> wanted = [];
        foreach (IpFamily family in IpFamily.Both.Where(family => !sources.ContainsKey(family)))
        {
            IPAddress[] possible = [.. ownBlocks.Where(block => block.Family == family).Select(BlockAddresses.OfNode).OfType<IPAddress>()];
            if (possible.Length == 0)
                continue;
            // The one that there is stays as long as it can: connections have it.
            IPAddress source = possible.FirstOrDefault(
                address => present.Any(known => known.Address == IpPrefix.Host(address)), possible[0]);
            sources[family] = source;
            wanted.Add(new AddressSpec { Address = IpPrefix.Host(source), NoDad = true });
        }
        Outcome<AddressSpec> outcome = new Reconciler<IpPrefix, AddressSpec>(addresses).Reconcile(wanted);
        Tell("address", outcome, static item => $"{item.Address}", static _ => "");
    }

    private void ReconcileEnds(PlannedTunnel tunnel, int device)
    {
        Dictionary<MacAddress, string> nodes = tunnel.Ends.ToDictionary(static end => end.Mac, static end => end.Node);
        string NodeOf(MacAddress? mac) => mac is { } known && nodes.TryGetValue(known, out string? node) ? node : "";
        Outcome<ForwardingEntry> forwarding = new Reconciler<MacAddress, ForwardingEntry>(new OwnedForwarding(client, device)).Reconcile(
            tunnel.Ends.Select(end => new ForwardingEntry { LinkIndex = device, Mac = end.Mac, Destination = end.Host }));
        Tell("forwarding entry", forwarding, static item => $"{item.Mac}", item => NodeOf(item.Mac));
        Outcome<Neighbour> neighbours = new Reconciler<IPAddress, Neighbour>(new OwnedNeighbours(client, device)).Reconcile(
            tunnel.Ends.Select(
                end => new Neighbour { LinkIndex = device, Address = VtepAddresses.LinkLocalOf(end.Mac), Mac = end.Mac }));
        Tell("neighbour", neighbours, static item => IpText.Format(item.Address), item => NodeOf(item.Mac));
    }

    private void ReconcileRoutes(
        OverlayPlan plan,
        IReadOnlyList<IpPrefix> ownBlocks,
        Dictionary<IpFamily, int> devices,
        int? wireGuard,
        Dictionary<IpFamily, IPAddress> sources)
    {
        Dictionary<IpPrefix, string> nodes = plan.Routes.ToDictionary(static route => route.Block, static route => route.Node);
        foreach (PlannedWireGuardPeer peer in plan.WireGuard.Peers)
        {
            foreach (IpPrefix block in peer.Routed)
                nodes[block] = peer.Node;
        }
        IPAddress? SourceTo(IpPrefix block) => sources.GetValueOrDefault(block.Family);
        IEnumerable<RouteSpec> wanted = plan.Routes
            .Where(route => route.Tunnel is not { } tunnel || devices.ContainsKey(tunnel))
            .Select(route => new RouteSpec
            {
                Destination = route.Block,
                Gateway = route.Gateway,
                OutputIndex = route.Tunnel is { } tunnel ? devices[tunnel] : route.LinkIndex,
                OnLink = route.Tunnel is not null,
                PreferredSource = route.Tunnel is not null ? SourceTo(route.Block) : null,
            });
        IEnumerable<IpPrefix> encrypted = wireGuard is null ? [] : plan.WireGuard.Peers.SelectMany(static peer => peer.Routed);
        IEnumerable<RouteSpec> behindWireGuard = encrypted.Select(block => new RouteSpec
        {
            Destination = block,
            OutputIndex = wireGuard,
            PreferredSource = SourceTo(block),
        });
        // What no pod has is answered at once; it would else leave by the default route. So would what is to be encrypted, in clear, while
        // the tunnel is not there.
        IEnumerable<RouteSpec> ends = ownBlocks.Concat(plan.WireGuard.Blocks).Distinct().Select(static block => new RouteSpec
        {
            Destination = block,
            Type = RouteType.Unreachable,
            Priority = LastPriority,
        });
        Tell(
            "route",
            new Reconciler<(IpPrefix, uint), RouteSpec>(new OwnedRoutes(client, Protocol)).Reconcile(
                wanted.Concat(behindWireGuard).Concat(ends)),
            static item => $"{item.Destination}",
            item => nodes.GetValueOrDefault(item.Destination, ""));
    }

    private void Tell<T>(string kind, Outcome<T> outcome, Func<T, string> nameOf, Func<T, string> nodeOf)
    {
        Say("added", outcome.Difference.Missing);
        Say("changed", outcome.Difference.Different);
        Say("removed", outcome.Difference.Superfluous);
        foreach ((T item, NetlinkException error) in outcome.Failures)
            _problems.Add(nodeOf(item) is { Length: > 0 } node ? $"node {node}: {error.Message}" : error.Message);

        void Say(string verb, IReadOnlyList<T> items)
        {
            const int Named = 5;
            if (items.Count == 0)
                return;
            string NameOf(T item) => nodeOf(item) is { Length: > 0 } node ? $"{nameOf(item)} (node {node})" : nameOf(item);
            string names = string.Join(", ", items.Take(Named).Select(NameOf));
            log($"{verb} {kind} {names}{(items.Count > Named ? $" and {items.Count - Named} more" : "")}");
        }
    }

    /// <summary>One part that fails keeps none of the others from being made.</summary>
    private void Try(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is NetlinkException or Linux.LinuxException or OverlayException)
        {
            _problems.Add(e.Message);
        }
    }
}
