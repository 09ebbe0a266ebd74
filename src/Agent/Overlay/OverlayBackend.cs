namespace Agent.Overlay;

/// <summary>How packets reach a block of another node.</summary>
public enum OverlayBackend
{
    /// <summary><c>auto</c>: <see cref="HostGateway"/> where the node is on a common link, else <see cref="Vxlan"/>.</summary>
    Auto,

    /// <summary><c>vxlan</c>: in UDP (RFC 7348), through any network that carries the nodes' own packets.</summary>
    Vxlan,

    /// <summary><c>host-gw</c>: as they are, to the node as a gateway; it must be on a common link.</summary>
    HostGateway,

    /// <summary><c>wireguard</c>: encrypted, in UDP, through any network that carries the nodes' own packets.</summary>
    WireGuard,
}
