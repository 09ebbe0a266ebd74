namespace Netlink.Route.Links;

/// <summary>At which layer an ipvlan decides. Source: linux/if_link.h.</summary>
public enum IpvlanMode : ushort
{
    /// <summary>IPVLAN_MODE_L2: switches frames; ARP, broadcast and multicast work.</summary>
    L2 = 0,

    /// <summary>IPVLAN_MODE_L3: routes packets in the parent's namespace; no ARP, no broadcast, no multicast.</summary>
    L3 = 1,

    /// <summary>IPVLAN_MODE_L3S: as <see cref="L3"/>, and packets pass the netfilter hooks of the parent's namespace.</summary>
    L3S = 2,
}
