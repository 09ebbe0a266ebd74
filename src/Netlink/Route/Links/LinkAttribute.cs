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
    /// IFLA_AF_SPEC: a nest with one attribute per address family; in AF_BRIDGE messages, see <see cref="BridgeFamilyAttribute"/>.
    /// </summary>
    public const ushort FamilySpecific = 26;

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

/// <summary>Attributes of a veth. Source: linux/veth.h.</summary>
internal static class VethAttribute
{
    /// <summary>VETH_INFO_PEER: a struct ifinfomsg and link attributes.</summary>
    public const ushort Peer = 1;
}

/// <summary>Attributes of a VLAN device. Source: linux/if_link.h.</summary>
internal static class VlanAttribute
{
    /// <summary>IFLA_VLAN_ID.</summary>
    public const ushort Id = 1;
}

/// <summary>Attributes of a VRF. Source: linux/if_link.h.</summary>
internal static class VrfAttribute
{
    /// <summary>IFLA_VRF_TABLE.</summary>
    public const ushort Table = 1;
}

/// <summary>Attributes of a macvlan. Source: linux/if_link.h.</summary>
internal static class MacvlanAttribute
{
    /// <summary>IFLA_MACVLAN_MODE.</summary>
    public const ushort Mode = 1;

    /// <summary>IFLA_MACVLAN_BC_QUEUE_LEN.</summary>
    public const ushort BroadcastQueueLength = 7;
}

/// <summary>Attributes of an ipvlan. Source: linux/if_link.h.</summary>
internal static class IpvlanAttribute
{
    /// <summary>IFLA_IPVLAN_MODE.</summary>
    public const ushort Mode = 1;

    /// <summary>IFLA_IPVLAN_FLAGS.</summary>
    public const ushort Flags = 2;
}

/// <summary>Attributes of a tun or tap. Source: linux/if_link.h.</summary>
internal static class TunAttribute
{
    /// <summary>IFLA_TUN_OWNER.</summary>
    public const ushort Owner = 1;

    /// <summary>IFLA_TUN_GROUP.</summary>
    public const ushort Group = 2;

    /// <summary>IFLA_TUN_TYPE: IFF_TUN or IFF_TAP of linux/if_tun.h.</summary>
    public const ushort Type = 3;

    /// <summary>IFLA_TUN_PERSIST.</summary>
    public const ushort Persistent = 6;

    /// <summary>IFLA_TUN_MULTI_QUEUE.</summary>
    public const ushort MultiQueue = 7;
}

/// <summary>Attributes of a bridge. Source: linux/if_link.h.</summary>
internal static class BridgeAttribute
{
    /// <summary>IFLA_BR_VLAN_FILTERING.</summary>
    public const ushort VlanFiltering = 7;

    /// <summary>IFLA_BR_VLAN_DEFAULT_PVID.</summary>
    public const ushort VlanDefaultPvid = 39;
}

/// <summary>Attributes of a bridge's port. Source: linux/if_link.h.</summary>
internal static class BridgePortAttribute
{
    /// <summary>IFLA_BRPORT_MODE: hairpin.</summary>
    public const ushort Hairpin = 4;

    /// <summary>IFLA_BRPORT_ISOLATED.</summary>
    public const ushort Isolated = 33;
}

/// <summary>Attributes inside the IFLA_AF_SPEC of AF_BRIDGE messages. Source: linux/if_bridge.h.</summary>
internal static class BridgeFamilyAttribute
{
    /// <summary>IFLA_BRIDGE_VLAN_INFO: struct bridge_vlan_info.</summary>
    public const ushort VlanInfo = 2;
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
