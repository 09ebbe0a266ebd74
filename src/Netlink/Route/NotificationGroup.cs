namespace Netlink.Route;

/// <summary>Groups of notifications. Source: enum rtnetlink_groups, linux/rtnetlink.h.</summary>
internal static class NotificationGroup
{
    /// <summary>RTNLGRP_LINK.</summary>
    public const int Link = 1;

    /// <summary>RTNLGRP_NEIGH.</summary>
    public const int Neighbour = 3;

    /// <summary>RTNLGRP_IPV4_IFADDR.</summary>
    public const int IPv4Address = 5;

    /// <summary>RTNLGRP_IPV4_ROUTE.</summary>
    public const int IPv4Route = 7;

    /// <summary>RTNLGRP_IPV6_IFADDR.</summary>
    public const int IPv6Address = 9;

    /// <summary>RTNLGRP_IPV6_ROUTE.</summary>
    public const int IPv6Route = 11;
}
