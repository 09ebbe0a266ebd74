namespace Netlink;

/// <summary>What a netlink socket talks to (NETLINK_*, linux/netlink.h).</summary>
public enum NetlinkProtocol
{
    /// <summary>NETLINK_ROUTE: links, addresses, routes, neighbours, rules, qdiscs.</summary>
    Route = 0,

    /// <summary>NETLINK_NETFILTER: nftables, conntrack.</summary>
    Netfilter = 12,

    /// <summary>NETLINK_GENERIC: families that the kernel numbers when it loads them, WireGuard for one.</summary>
    Generic = 16,
}
