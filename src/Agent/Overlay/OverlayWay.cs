using System.Net;
using Linux.Addresses;

namespace Agent.Overlay;

/// <summary>How this node reaches a block of another one.</summary>
/// <param name="Node">Who has the block.</param>
/// <param name="Block">The block.</param>
/// <param name="Host">The node's address on the underlay.</param>
/// <param name="IsTunnel">Whether through a tunnel; else by a plain route.</param>
public sealed record OverlayWay(string Node, IpPrefix Block, IPAddress Host, bool IsTunnel)
{
    /// <summary>What packets are longer by on the underlay, bytes.</summary>
    public int Overhead => IsTunnel ? Underlay.OverheadOf(Host.Family) : 0;
}
