using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>What there should be.</summary>
/// <param name="Peers">All other nodes.</param>
/// <param name="OwnBlocks">The blocks of this node.</param>
/// <param name="Pools">All addresses of pods.</param>
internal sealed record OverlayWanted(
    IReadOnlyList<OverlayPeer> Peers, IReadOnlyList<IpPrefix> OwnBlocks, IReadOnlyList<IpPrefix> Pools);

/// <summary>How far it is so.</summary>
/// <param name="Problems">What is not.</param>
/// <param name="Mtu">The MTU for pods.</param>
/// <param name="WireGuardMtu">That for pods which the others reach by WireGuard.</param>
internal sealed record OverlayState(IReadOnlyList<string> Problems, int? Mtu, int? WireGuardMtu);
