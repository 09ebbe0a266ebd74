namespace Netlink.Route.Links;

/// <summary>Which packets an ipvlan exchanges with others on the same parent. Source: linux/if_link.h.</summary>
[Flags]
public enum IpvlanFlags : ushort
{
    /// <summary>Directly.</summary>
    None = 0,

    /// <summary>IPVLAN_F_PRIVATE: none.</summary>
    Private = 1 << 0,

    /// <summary>IPVLAN_F_VEPA: by way of the switch outside, which must send them back.</summary>
    Vepa = 1 << 1,
}
