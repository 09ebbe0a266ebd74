using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>An interface as the kernel describes it.</summary>
public sealed record Link
{
    /// <summary>ifi_index.</summary>
    public required int Index { get; init; }

    /// <summary>IFLA_IFNAME.</summary>
    public required string Name { get; init; }

    /// <summary>IFLA_ALT_IFNAME: further names that find it.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>IFLA_INFO_KIND, such as <c>veth</c>; null for physical interfaces and lo.</summary>
    public string? Kind { get; init; }

    /// <summary>IFLA_ADDRESS; null if it has none, or one that is not 6 bytes long.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>IFLA_PERM_ADDRESS: the address that the hardware has; null if there is none of 6 bytes, or before kernel 5.6.</summary>
    public MacAddress? PermanentMac { get; init; }

    /// <summary>
    /// IFLA_PARENT_DEV_BUS_NAME and IFLA_PARENT_DEV_NAME: the hardware, such as <c>pci/0000:00:1f.6</c>; null if there is none, or before
    /// kernel 5.14.
    /// </summary>
    public string? ParentDevice { get; init; }

    /// <summary>IFLA_MTU, bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>IFLA_TXQLEN, packets.</summary>
    public int TxQueueLength { get; init; }

    /// <summary>IFLA_MASTER: the index of the bridge that it is a port of.</summary>
    public int? MasterIndex { get; init; }

    /// <summary>IFLA_GROUP: the group that it belongs to, by which nftables matches, too (<c>iifgroup</c>, <c>oifgroup</c>).</summary>
    public uint Group { get; init; }

    /// <summary>IFLA_LINK: the index of the other end of a veth, or of the device that it stands on.</summary>
    public int? PeerIndex { get; init; }

    /// <summary>
    /// IFLA_LINK_NETNSID: in which namespace <see cref="PeerIndex"/> counts, as a number of this one's; null if in this one, negative
    /// (NETNSA_NSID_NOT_ASSIGNED, linux/net_namespace.h) if it is being torn down.
    /// </summary>
    public int? PeerNamespaceId { get; init; }

    /// <summary>ifi_flags.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>IFF_UP: switched on.</summary>
    public bool IsUp => Flags.HasFlag(LinkFlags.Up);

    /// <summary>IFLA_OPERSTATE.</summary>
    public OperationalState OperationalState { get; init; }

    /// <summary>IFLA_IFALIAS.</summary>
    public string? Alias { get; init; }

    /// <summary>IFLA_PROMISCUITY: how many ask for every frame, a bridge for its ports among them.</summary>
    public int Promiscuity { get; init; }

    /// <summary>IFLA_INFO_DATA: what its kind says of it. Each kind reads its own, as <see cref="BridgeLink"/> does.</summary>
    public AttributeBlock Data { get; init; }

    /// <summary>IFLA_INFO_SLAVE_KIND: the kind of its master; null if it has none.</summary>
    public string? PortKind { get; init; }

    /// <summary>IFLA_INFO_SLAVE_DATA: what its master says of it.</summary>
    public AttributeBlock PortData { get; init; }
}
