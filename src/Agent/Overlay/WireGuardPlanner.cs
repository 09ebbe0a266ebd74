using System.Net;
using Linux.Addresses;
using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>Decides who is behind the WireGuard tunnel; it touches nothing.</summary>
/// <param name="settings">This node.</param>
internal sealed class WireGuardPlanner(OverlaySettings settings)
{
    private readonly List<PlannedWireGuardPeer> _peers = [];
    private readonly Dictionary<WireGuardKey, string> _nodes = OwnKey(settings);

    /// <summary>Takes a node that has a key, whatever its blocks: it may send to those of others.</summary>
    /// <param name="peer">The node.</param>
    /// <param name="host">Its address on the underlay.</param>
    /// <param name="blocks">Those that are its own.</param>
    /// <returns>Why it is not reached, as the rest of a sentence; null if it is, or need not be.</returns>
    public string? Enter(OverlayPeer peer, IPAddress host, IReadOnlyList<OverlayBlock> blocks)
    {
        IpPrefix[] routed =
            [.. blocks.Where(static block => block.Backend == OverlayBackend.WireGuard).Select(static block => block.Block)];
        if (peer.WireGuardKey is not { } key)
        {
            return routed.Length == 0
                ? null
                : $"has told no WireGuard key, so no packet goes to its pods in {string.Join(", ", routed)}: start its agent, or update it";
        }
        if (!_nodes.TryAdd(key, peer.Node))
        {
            return $"has the WireGuard key of node {_nodes[key]}, so no packet goes to its pods: one host was made as a copy of the other; "
                + "remove wg.key from the stateDir of one, and start its agent again";
        }
        _peers.Add(new PlannedWireGuardPeer(
            peer.Node, key, new IPEndPoint(host, settings.WireGuardPort), [.. blocks.Select(static block => block.Block)], routed));
        return null;
    }

    /// <summary>All of it, when every node has been taken.</summary>
    /// <param name="peers">All other nodes.</param>
    /// <param name="ownBlocks">The blocks of this node.</param>
    public PlannedWireGuard Plan(IReadOnlyList<OverlayPeer> peers, IReadOnlyList<IpPrefix> ownBlocks)
    {
        IpPrefix[] blocks =
        [
            .. peers.SelectMany(static peer => peer.Blocks).Where(static block => block.Backend == OverlayBackend.WireGuard)
                .Select(static block => block.Block).Except(ownBlocks),
        ];
        return new PlannedWireGuard(blocks.Length == 0 ? [] : _peers, blocks);
    }

    private static Dictionary<WireGuardKey, string> OwnKey(OverlaySettings settings) =>
        settings.WireGuardKey is { } key ? new() { [X25519.PublicKeyOf(key)] = settings.Node } : [];
}
