namespace Netlink.Route.Links;

/// <summary>Flags of struct bridge_vlan_info. Source: linux/if_bridge.h.</summary>
[Flags]
internal enum BridgeVlanFlags : ushort
{
    /// <summary>BRIDGE_VLAN_INFO_PVID.</summary>
    Pvid = 1 << 1,

    /// <summary>BRIDGE_VLAN_INFO_UNTAGGED.</summary>
    Untagged = 1 << 2,

    /// <summary>BRIDGE_VLAN_INFO_RANGE_BEGIN.</summary>
    RangeBegin = 1 << 3,

    /// <summary>BRIDGE_VLAN_INFO_RANGE_END.</summary>
    RangeEnd = 1 << 4,
}
