namespace Netlink.Route.Links;

/// <summary>Attributes of link messages. Source: linux/if_link.h.</summary>
internal static class LinkAttribute
{
    /// <summary>IFLA_ADDRESS: the MAC address.</summary>
    public const ushort Address = 1;

    /// <summary>IFLA_IFNAME.</summary>
    public const ushort Name = 3;

    /// <summary>IFLA_MTU.</summary>
    public const ushort Mtu = 4;

    /// <summary>IFLA_LINK: the other end of a veth, the device under a VLAN.</summary>
    public const ushort Link = 5;

    /// <summary>IFLA_MASTER.</summary>
    public const ushort Master = 10;

    /// <summary>IFLA_TXQLEN.</summary>
    public const ushort TxQueueLength = 13;

    /// <summary>IFLA_OPERSTATE.</summary>
    public const ushort OperationalState = 16;

    /// <summary>IFLA_LINKINFO: a nest, see <see cref="LinkInfoAttribute"/>.</summary>
    public const ushort LinkInfo = 18;

    /// <summary>IFLA_IFALIAS.</summary>
    public const ushort Alias = 20;

    /// <summary>
    /// IFLA_AF_SPEC: a nest with one attribute per address family; in AF_BRIDGE messages, see <see cref="BridgeVlanMessage"/>.
    /// </summary>
    public const ushort FamilySpecific = 26;

    /// <summary>IFLA_GROUP.</summary>
    public const ushort Group = 27;

    /// <summary>IFLA_NET_NS_FD.</summary>
    public const ushort NamespaceDescriptor = 28;

    /// <summary>IFLA_EXT_MASK: what to include and leave out, see <see cref="ExtendedFilter"/>.</summary>
    public const ushort ExtendedMask = 29;

    /// <summary>IFLA_PROMISCUITY.</summary>
    public const ushort Promiscuity = 30;

    /// <summary>IFLA_LINK_NETNSID: in which namespace IFLA_LINK counts.</summary>
    public const ushort LinkNamespaceId = 37;

    /// <summary>IFLA_PROP_LIST: a nest of IFLA_ALT_IFNAME.</summary>
    public const ushort PropertyList = 52;

    /// <summary>IFLA_ALT_IFNAME.</summary>
    public const ushort AlternativeName = 53;

    /// <summary>IFLA_PERM_ADDRESS.</summary>
    public const ushort PermanentAddress = 54;

    /// <summary>IFLA_PARENT_DEV_NAME.</summary>
    public const ushort ParentDeviceName = 56;

    /// <summary>IFLA_PARENT_DEV_BUS_NAME.</summary>
    public const ushort ParentDeviceBus = 57;
}

/// <summary>Attributes inside IFLA_LINKINFO. Source: linux/if_link.h.</summary>
internal static class LinkInfoAttribute
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const ushort Kind = 1;

    /// <summary>IFLA_INFO_DATA: a nest of the kind's own attributes.</summary>
    public const ushort Data = 2;

    /// <summary>IFLA_INFO_SLAVE_KIND: the kind of the master.</summary>
    public const ushort PortKind = 4;

    /// <summary>IFLA_INFO_SLAVE_DATA: a nest of attributes that the master keeps for its port.</summary>
    public const ushort PortData = 5;
}

/// <summary>Attributes inside AF_INET6 of IFLA_AF_SPEC. Source: linux/if_link.h.</summary>
internal static class Inet6Attribute
{
    /// <summary>IFLA_INET6_ADDR_GEN_MODE.</summary>
    public const ushort AddressGenerationMode = 8;
}

/// <summary>Bits of IFLA_EXT_MASK. Source: linux/rtnetlink.h.</summary>
internal static class ExtendedFilter
{
    /// <summary>RTEXT_FILTER_BRVLAN_COMPRESSED: VLANs as ranges.</summary>
    public const uint CompressedVlans = 1 << 2;

    /// <summary>RTEXT_FILTER_SKIP_STATS.</summary>
    public const uint SkipStatistics = 1 << 3;
}
