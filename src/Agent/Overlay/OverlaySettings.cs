using System.Net;

namespace Agent.Overlay;

/// <summary>What the overlay of a node needs to know of the node and its cluster. It stays the same as long as the agent runs.</summary>
public sealed record OverlaySettings
{
    /// <summary>
    /// The network number unless told: the letters CNI. 24 bits are free to choose, and the kernel lets no two devices have one number at
    /// one port; 1 is flannel's and Antrea's, 2 Cilium's, 4096 and up Calico's and Swarm's.
    /// </summary>
    public const int DefaultVni = 0x434e49;

    /// <summary>The UDP port unless told, IANA's for VXLAN; 8472 is flannel's and the kernel's own.</summary>
    public const ushort DefaultPort = 4789;

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>This node's name.</summary>
    public required string Node { get; init; }

    /// <summary>This node's own addresses on the underlay, at most one of a family, at least one.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>The VXLAN network number (VNI), 1 to 16777215, on all nodes the same.</summary>
    public int Vni { get; init; } = DefaultVni;

    /// <summary>The UDP port, on all nodes the same.</summary>
    public ushort Port { get; init; } = DefaultPort;

    /// <summary>
    /// The MTU of tunnels, bytes; null for that of the interface to the underlay less what the encapsulation takes: 50 bytes over IPv4, 70
    /// over IPv6.
    /// </summary>
    public int? Mtu { get; init; }
}
