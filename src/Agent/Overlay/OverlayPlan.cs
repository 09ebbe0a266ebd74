using System.Net;
using Linux.Addresses;
using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>What there should be, before anything is known of the devices.</summary>
/// <param name="Tunnels">The tunnels that are needed, one for each family of the underlay at most.</param>
/// <param name="Routes">Ways to the blocks of others.</param>
/// <param name="Problems">What cannot be, each as a sentence that begins with the node's name.</param>
internal sealed record OverlayPlan(
    IReadOnlyList<PlannedTunnel> Tunnels, IReadOnlyList<PlannedRoute> Routes, IReadOnlyList<string> Problems)
{
    /// <summary>What is to be encrypted.</summary>
    public PlannedWireGuard WireGuard { get; init; } = new([], []);

    /// <summary>How the nodes are reached.</summary>
    public IReadOnlyList<OverlayWay> Ways
    {
        get
        {
            Dictionary<(string, IpFamily), IPAddress> hosts = Tunnels
                .SelectMany(static tunnel => tunnel.Ends.Select(end => (end.Node, tunnel.Family, end.Host)))
                .ToDictionary(static end => (end.Node, end.Family), static end => end.Host);
            return
            [
                .. Routes.Select(route => new OverlayWay(
                    route.Node,
                    route.Block,
                    route.Tunnel is { } family ? hosts[(route.Node, family)] : route.Gateway,
                    route.Tunnel is null ? OverlayBackend.HostGateway : OverlayBackend.Vxlan)),
                .. WireGuard.Peers.SelectMany(static peer => peer.Routed.Select(block =>
                    new OverlayWay(peer.Node, block, peer.Endpoint.Address, OverlayBackend.WireGuard))),
            ];
        }
    }
}

/// <summary>A device, and who is behind it.</summary>
/// <param name="Local">This node's address on the underlay.</param>
/// <param name="Ends">The other nodes.</param>
internal sealed record PlannedTunnel(IPAddress Local, IReadOnlyList<PlannedEnd> Ends)
{
    /// <summary>The family of the underlay.</summary>
    public IpFamily Family => Local.Family;
}

/// <summary>A node behind a tunnel.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Mac">Its end's MAC address.</param>
/// <param name="Host">Its address on the underlay.</param>
internal sealed record PlannedEnd(string Node, MacAddress Mac, IPAddress Host);

/// <summary>A way to a block.</summary>
/// <param name="Node">Who has the block.</param>
/// <param name="Block">The block.</param>
/// <param name="Gateway">The next hop.</param>
/// <param name="Tunnel">Which tunnel it is behind, by the family of the underlay; null if on a link.</param>
/// <param name="LinkIndex">Which link; null if behind a tunnel.</param>
internal sealed record PlannedRoute(string Node, IpPrefix Block, IPAddress Gateway, IpFamily? Tunnel, int? LinkIndex);

/// <summary>The WireGuard tunnel, and what nobody may send past it.</summary>
/// <param name="Peers">The nodes behind it.</param>
/// <param name="Blocks">All blocks of others that are to be reached by it alone, also those that cannot be now.</param>
internal sealed record PlannedWireGuard(IReadOnlyList<PlannedWireGuardPeer> Peers, IReadOnlyList<IpPrefix> Blocks)
{
    /// <summary>Whether there is to be a tunnel.</summary>
    public bool IsWanted => Blocks.Count > 0;
}

/// <summary>A node behind the WireGuard tunnel.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Key">Its public key.</param>
/// <param name="Endpoint">Where it is on the underlay.</param>
/// <param name="AllowedIps">
/// All its blocks, those of other backends as well: its own packets may have the address of any of them.
/// </param>
/// <param name="Routed">The blocks that are reached by the tunnel.</param>
internal sealed record PlannedWireGuardPeer(
    string Node, WireGuardKey Key, IPEndPoint Endpoint, IReadOnlyList<IpPrefix> AllowedIps, IReadOnlyList<IpPrefix> Routed);
