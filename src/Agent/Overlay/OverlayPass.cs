using System.Net;
using Datapath.Node;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;
using Netlink.Route;

namespace Agent.Overlay;

/// <summary>One look at everything, and the difference applied.</summary>
/// <param name="client">Links, routes and neighbours.</param>
/// <param name="nft">The ruleset.</param>
/// <param name="settings">Node and cluster.</param>
/// <param name="log">Gets what was changed.</param>
/// <param name="setWatch">Gets what to listen for from now on.</param>
internal sealed class OverlayPass(
    RouteClient client, NftClient nft, OverlaySettings settings, Action<string> log, Action<OverlayWatch> setWatch)
{
    private readonly OverlayRouting _routing = new(client, settings, log);
    private readonly OverlayFirewall _firewall = new(nft, settings);
    private readonly IptablesPassage _passage = new(nft);

    /// <summary>The MTU for pods: that of the tunnel with the smallest, or of the one that there would be.</summary>
    public static int? FindMtu(OverlaySettings settings, Underlay underlay, IReadOnlyList<PlannedTunnel> tunnels) =>
        settings.Mtu
        ?? tunnels.Select(tunnel =>
            underlay.FindMtu(tunnel.Local, tunnel.Ends.Select(static end => end.Host), Underlay.OverheadOf(tunnel.Family))).Min()
        ?? settings.Addresses.OrderBy(static address => address.Family)
            .Select(address => underlay.FindMtu(address, [], Underlay.OverheadOf(address.Family)))
            .FirstOrDefault(static mtu => mtu is not null);

    /// <summary>The MTU for pods that are reached by WireGuard: that of its device, or of the one that there would be.</summary>
    public static int? FindWireGuardMtu(OverlaySettings settings, Underlay underlay, PlannedWireGuard plan) =>
        settings.Mtu
        ?? settings.Addresses.OrderBy(static address => address.Family)
            .Select(address => underlay.FindMtu(
                address,
                plan.Peers.Select(static peer => peer.Endpoint.Address).Where(host => host.Family == address.Family),
                Underlay.WireGuardOverhead))
            .Min();

    /// <summary>Makes all as wanted, as far as that can be.</summary>
    /// <returns>How far it is, and whether the kernel did what it was asked.</returns>
    public (OverlayState State, bool IsWhole) Run(OverlayWanted wanted)
    {
        List<string> refused = [];
        IPAddress[] peers = [.. wanted.Peers.SelectMany(static peer => peer.Addresses).Distinct()];
        Underlay underlay = new(client);
        OverlayPlan plan = new OverlayPlanner(settings, underlay.FindWay).Plan(wanted.Peers, wanted.OwnBlocks);
        (int? mtu, int? wireGuardMtu) = (null, null);
        Try(refused, () => mtu = FindMtu(settings, underlay, plan.Tunnels));
        Try(refused, () => wireGuardMtu = FindWireGuardMtu(settings, underlay, plan.WireGuard));
        ushort[] wireGuardPorts = plan.WireGuard.IsWanted ? [settings.WireGuardPort] : [];
        // First what keeps strangers out.
        Try(refused, () => Tell(_firewall.Reconcile(peers, wanted.OwnBlocks, wanted.Pools, wireGuardPorts), "nftables"));
        Try(refused, () => Tell(_passage.Reconcile(wanted.Pools, peers, [settings.Port, .. wireGuardPorts]), "iptables"));
        Try(refused, () => SwitchForwardingOn(wanted));
        Try(refused, () => refused.AddRange(_routing.Reconcile(
            plan,
            wanted.OwnBlocks,
            underlay,
            wireGuardMtu,
            devices => setWatch(
                new OverlayWatch(settings.Addresses, peers, [.. devices], underlay.Links) { HasWireGuard = plan.WireGuard.IsWanted }))));
        List<string> overlaps = [];
        Try(refused, () => overlaps.AddRange(
            PoolOverlaps.Find(client, [.. wanted.Pools.Except(wanted.SharedPools)]).Select(static overlap =>
                $"{overlap.Text}: pods there may not be reached from here; remove the other network, or make one of the cluster with "
                + "another pool")));
        return (new OverlayState([.. plan.Problems, .. overlaps, .. refused], mtu, wireGuardMtu, plan.Ways), refused.Count == 0);
    }

    private void SwitchForwardingOn(OverlayWanted wanted)
    {
        IEnumerable<OverlayBlock> others = wanted.Peers.SelectMany(static peer => peer.Blocks);
        IpPrefix[] blocks = [.. wanted.OwnBlocks, .. others.Select(static block => block.Block)];
        if (blocks.Any(static block => block.IsIPv6))
            RouterAdvertisements.KeepListening(client);
        Forwarding.EnableFor(blocks);
    }

    private void Tell(string? change, string what)
    {
        if (change is not null)
            log($"{what}: restored or changed {change}");
    }

    /// <summary>One part that fails keeps none of the others from being made.</summary>
    private static void Try(List<string> refused, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is NetlinkException or LinuxException)
        {
            refused.Add(e.Message);
        }
    }
}
