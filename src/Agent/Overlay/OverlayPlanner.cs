using System.Net;
using Linux.Addresses;
using Netlink;

namespace Agent.Overlay;

/// <summary>Decides how each node is reached; it touches nothing.</summary>
/// <param name="settings">This node.</param>
/// <param name="findWay">How packets reach a node's address now.</param>
internal sealed class OverlayPlanner(OverlaySettings settings, Func<IPAddress, UnderlayWay?> findWay)
{
    private readonly Dictionary<IpFamily, List<PlannedEnd>> _ends = [];
    private readonly List<PlannedRoute> _routes = [];
    private readonly List<string> _problems = [];
    private readonly Dictionary<IpPrefix, string> _owners = [];
    private readonly WireGuardPlanner _wireGuard = new(settings);

    /// <summary>Decides for all nodes. One that cannot be reached is a problem of its own and no other's.</summary>
    public OverlayPlan Plan(IReadOnlyList<OverlayPeer> peers, IReadOnlyList<IpPrefix> ownBlocks)
    {
        foreach (IpPrefix block in ownBlocks)
            _owners[block] = settings.Node;
        HashSet<string> names = [settings.Node];
        // By name, so that it does not depend on the order who has a block that two claim.
        foreach (OverlayPeer peer in peers.OrderBy(static peer => peer.Node, StringComparer.Ordinal))
        {
            if (names.Add(peer.Node))
                Plan(peer);
            else
                Report(peer, "is the name of another node, too; give each node a name of its own");
        }
        return new OverlayPlan(
            [.. _ends.OrderBy(static tunnel => tunnel.Key).Select(tunnel => new PlannedTunnel(AddressOf(tunnel.Key)!, tunnel.Value))],
            _routes,
            _problems)
        {
            WireGuard = _wireGuard.Plan(peers, ownBlocks),
        };
    }

    private IPAddress? AddressOf(IpFamily family) => settings.Addresses.FirstOrDefault(address => address.Family == family);

    private void Plan(OverlayPeer peer)
    {
        UnderlayWay?[] ways = [.. peer.Addresses.Select(address => FindWay(peer, address))];
        if (ways.Any(static way => way is { IsOwn: true }))
        {
            Report(peer, $"has the address {TextOf(peer.Addresses)}, which is this node's own; set the right address on one of the two");
            return;
        }
        // The one that costs less first; both nodes decide alike.
        IPAddress? host = IpFamily.Both.Where(family => AddressOf(family) is not null)
            .Select(family => peer.Addresses.FirstOrDefault(address => address.Family == family))
            .FirstOrDefault(static address => address is not null);
        bool isBehindTunnel = false, lacksFamily = false;
        List<OverlayBlock> blocks = [];
        foreach (OverlayBlock block in peer.Blocks)
        {
            if (!_owners.TryAdd(block.Block, peer.Node))
            {
                Report(peer, $"claims block {block.Block}, which {_owners[block.Block]} has; see cnictl blocks");
                continue;
            }
            blocks.Add(block);
            if (block.Backend == OverlayBackend.WireGuard)
            {
                lacksFamily |= host is null;
                continue;
            }
            int direct = block.Backend == OverlayBackend.Vxlan ? -1 : FindGateway(peer, ways, block.Block.Family);
            if (direct >= 0)
            {
                _routes.Add(new PlannedRoute(peer.Node, block.Block, peer.Addresses[direct], null, ways[direct]!.LinkIndex));
            }
            else if (block.Backend == OverlayBackend.HostGateway)
            {
                Report(peer, $"cannot be the gateway to {block.Block} (host-gw): {WhyNot(peer, ways, block.Block)}; use auto or vxlan");
            }
            else if (host is null)
            {
                lacksFamily = true;
            }
            else
            {
                isBehindTunnel = true;
                IPAddress end = VtepAddresses.LinkLocalOf(VtepAddresses.MacOf(settings.Cluster, peer.Node));
                _routes.Add(new PlannedRoute(peer.Node, block.Block, end, host.Family, null));
            }
        }
        if (lacksFamily)
        {
            Report(
                peer,
                $"has no address of a family that this node has, too: it has {TextOf(peer.Addresses)}, this node has "
                + $"{TextOf(settings.Addresses)}; give both one of the same family");
        }
        if (isBehindTunnel)
            Enter(peer, host!);
        if (host is not null && _wireGuard.Enter(peer, host, blocks) is { } problem)
            Report(peer, problem);
    }

    private void Enter(OverlayPeer peer, IPAddress host)
    {
        if (!_ends.TryGetValue(host.Family, out List<PlannedEnd>? ends))
            _ends.Add(host.Family, ends = []);
        ends.Add(new PlannedEnd(peer.Node, VtepAddresses.MacOf(settings.Cluster, peer.Node), host));
    }

    private UnderlayWay? FindWay(OverlayPeer peer, IPAddress address)
    {
        try
        {
            return findWay(address);
        }
        catch (NetlinkException e)
        {
            Report(peer, e.Message);
            return null;
        }
    }

    /// <summary>Which of the node's addresses is on a link of this one's and can be the next hop; -1 if none.</summary>
    private static int FindGateway(OverlayPeer peer, UnderlayWay?[] ways, IpFamily block)
    {
        int other = -1;
        for (int i = 0; i < ways.Length; i++)
        {
            if (ways[i] is not { IsOnLink: true })
                continue;
            if (peer.Addresses[i].Family == block)
                return i;
            other = i;
        }
        // A route of IPv4 may have a gateway of IPv6 (RFC 5549), and not the other way round.
        return block.IsIPv6 ? -1 : other;
    }

    private static string WhyNot(OverlayPeer peer, UnderlayWay?[] ways, IpPrefix block)
    {
        IEnumerable<string> reasons = peer.Addresses.Zip(ways)
            .Where(pair => !block.IsIPv6 || pair.First.IsIPv6)
            .Select(static pair => pair.Second switch
            {
                null => $"there is no route to {IpText.Format(pair.First)}",
                { Gateway: { } gateway } => $"{IpText.Format(pair.First)} is behind {IpText.Format(gateway)}",
                _ => $"{IpText.Format(pair.First)} is on a point-to-point link",
            });
        return string.Join(", ", reasons.DefaultIfEmpty("a block of IPv6 needs a node that has an IPv6 address"));
    }

    private static string TextOf(IReadOnlyList<IPAddress> addresses) =>
        addresses.Count == 0 ? "none" : string.Join(", ", addresses.Select(IpText.Format));

    private void Report(OverlayPeer peer, string problem) => _problems.Add($"node {peer.Node} {problem}");
}
