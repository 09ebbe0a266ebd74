using System.Net;
using Linux.Addresses;
using Netlink.WireGuard;

namespace Agent.Overlay;

/// <summary>Another node of the cluster.</summary>
/// <param name="Node">Its name; with the cluster's name its tunnel's MAC address follows from it.</param>
/// <param name="Addresses">Its own addresses on the underlay, at most one of a family.</param>
/// <param name="Blocks">What pods' addresses it has.</param>
public sealed record OverlayPeer(string Node, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<OverlayBlock> Blocks)
{
    /// <summary>Its public key; null if it has not said one.</summary>
    public WireGuardKey? WireGuardKey { get; init; }
}

/// <summary>Addresses of pods that are all on one node.</summary>
/// <param name="Block">The addresses: a prefix without host bits.</param>
/// <param name="Backend">How they are reached; the network says so.</param>
public sealed record OverlayBlock(IpPrefix Block, OverlayBackend Backend);
