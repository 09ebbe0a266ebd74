using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>What there should be.</summary>
/// <param name="Peers">All other nodes.</param>
/// <param name="OwnBlocks">The blocks of this node.</param>
/// <param name="Pools">All addresses of pods.</param>
/// <param name="SharedPools">Pools among them that may overlap with routes of the node: somebody wanted it so.</param>
internal sealed record OverlayWanted(
    IReadOnlyList<OverlayPeer> Peers,
    IReadOnlyList<IpPrefix> OwnBlocks,
    IReadOnlyList<IpPrefix> Pools,
    IReadOnlyList<IpPrefix> SharedPools);

/// <summary>How far it is so.</summary>
/// <param name="Problems">What is not.</param>
/// <param name="Mtu">The MTU for pods.</param>
/// <param name="WireGuardMtu">That for pods which the others reach by WireGuard.</param>
/// <param name="Ways">How the blocks of others are reached.</param>
internal sealed record OverlayState(IReadOnlyList<string> Problems, int? Mtu, int? WireGuardMtu, IReadOnlyList<OverlayWay> Ways);
