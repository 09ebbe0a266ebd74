using System.Net;
using Linux.Addresses;
using Netlink.WireGuard;

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

    /// <summary>The UDP port of WireGuard unless told, which most who use it have.</summary>
    public const ushort DefaultWireGuardPort = 51820;

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

    /// <summary>The UDP port of WireGuard, on all nodes the same.</summary>
    public ushort WireGuardPort { get; init; } = DefaultWireGuardPort;

    /// <summary>This node's private key for WireGuard; null if it has none, and reaches nothing by that.</summary>
    public WireGuardKey? WireGuardKey { get; init; }

    /// <summary>
    /// The MTU of tunnels, bytes; null for that of the interface to the underlay less what the encapsulation takes: 50 bytes over IPv4, 70
    /// over IPv6, 80 with WireGuard.
    /// </summary>
    public int? Mtu { get; init; }

    /// <summary>Finds out whether this can be.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names it and the remedy.</exception>
    public void Validate()
    {
        const int MaxVni = 0xffffff;
        string? problem = this switch
        {
            { Cluster.Length: 0 } => "cluster is empty; name the cluster",
            { Node.Length: 0 } => "nodeName is empty; name this node",
            { Addresses.Count: 0 } => "address is empty; name an address of this host that the other nodes reach",
            _ when Addresses.Select(static address => address.Family).Distinct().Count() != Addresses.Count =>
                $"address is {string.Join(", ", Addresses.Select(IpText.Format))}; one of each family can be named",
            { Vni: < 1 or > MaxVni } => $"vni is {Vni}; use 1 to {MaxVni}",
            { Port: 0 } => $"port is 0; use 1 to 65535, {DefaultPort} as a rule",
            { WireGuardPort: 0 } => $"wireguardPort is 0; use 1 to 65535, {DefaultWireGuardPort} as a rule",
            _ when WireGuardPort == Port => $"wireguardPort is {Port}, which is port, too; choose two",
            // RFC 8200, section 5: less carries no IPv6.
            { Mtu: < 1280 or > 65535 } => $"mtu is {Mtu}; use 1280 to 65535, or leave it out",
            _ => null,
        };
        if (problem is not null)
            throw new ArgumentException(problem);
    }
}
