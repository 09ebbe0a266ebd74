using System.Net;
using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>How this node reaches a block of another one.</summary>
/// <param name="Node">Who has the block.</param>
/// <param name="Block">The block.</param>
/// <param name="Host">The node's address on the underlay.</param>
/// <param name="Backend">By what, decided: never <see cref="OverlayBackend.Auto"/>.</param>
public sealed record OverlayWay(string Node, IpPrefix Block, IPAddress Host, OverlayBackend Backend)
{
    /// <summary>What packets are longer by on the underlay, bytes.</summary>
    public int Overhead => Backend switch
    {
        OverlayBackend.HostGateway => 0,
        OverlayBackend.WireGuard => Underlay.WireGuardOverhead,
        _ => Underlay.OverheadOf(Host.Family),
    };
}
