namespace Netlink.Route;

/// <summary>Groups of notifications. Source: enum rtnetlink_groups, linux/rtnetlink.h.</summary>
internal static class NotificationGroup
{
    /// <summary>RTNLGRP_LINK.</summary>
    public const int Link = 1;

    /// <summary>RTNLGRP_IPV6_IFADDR.</summary>
    public const int IPv6Address = 9;
}
