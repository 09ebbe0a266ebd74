using System.Net;

namespace Agent.Overlay;

/// <summary>How packets reach another node's address now.</summary>
/// <param name="LinkIndex">The interface that they leave by.</param>
/// <param name="Gateway">Through whom; null if the node is on the same link.</param>
/// <param name="IsShared">
/// Whether the link is one that several hosts share, so that a node can be a gateway on it: no tunnel and no point-to-point link, which may
/// carry what their other end expects and nothing else.
/// </param>
/// <param name="IsOwn">Whether the address is this node's own.</param>
internal sealed record UnderlayWay(int LinkIndex, IPAddress? Gateway, bool IsShared, bool IsOwn)
{
    /// <summary>Whether the node can be the gateway of routes.</summary>
    public bool IsOnLink => Gateway is null && IsShared && !IsOwn;
}
