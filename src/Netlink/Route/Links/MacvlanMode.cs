namespace Netlink.Route.Links;

/// <summary>Which frames a macvlan exchanges with others on the same parent. Source: linux/if_link.h.</summary>
public enum MacvlanMode : uint
{
    /// <summary>MACVLAN_MODE_PRIVATE: none, not even by way of the switch outside.</summary>
    Private = 1,

    /// <summary>MACVLAN_MODE_VEPA: by way of the switch outside, which must send them back.</summary>
    Vepa = 2,

    /// <summary>MACVLAN_MODE_BRIDGE: directly.</summary>
    Bridge = 4,

    /// <summary>MACVLAN_MODE_PASSTHRU: it is alone and takes the parent over, MAC address included.</summary>
    PassThrough = 8,

    /// <summary>MACVLAN_MODE_SOURCE: only frames of listed senders come in.</summary>
    Source = 16,
}
