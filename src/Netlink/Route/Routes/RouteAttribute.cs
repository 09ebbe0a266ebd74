namespace Netlink.Route.Routes;

/// <summary>Attributes of route messages. Source: linux/rtnetlink.h.</summary>
internal static class RouteAttribute
{
    /// <summary>RTA_DST; absent for a default route.</summary>
    public const ushort Destination = 1;

    /// <summary>RTA_OIF: the interface that packets leave by.</summary>
    public const ushort OutputInterface = 4;

    /// <summary>RTA_GATEWAY.</summary>
    public const ushort Gateway = 5;

    /// <summary>RTA_PRIORITY: the metric.</summary>
    public const ushort Priority = 6;

    /// <summary>RTA_PREFSRC.</summary>
    public const ushort PreferredSource = 7;

    /// <summary>RTA_METRICS: a nest, see <see cref="RouteMetricAttribute"/>.</summary>
    public const ushort Metrics = 8;

    /// <summary>RTA_MULTIPATH: a row of struct rtnexthop, each with attributes of its own.</summary>
    public const ushort Multipath = 9;

    /// <summary>RTA_TABLE: all 32 bits of what rtm_table has room for 8 of.</summary>
    public const ushort Table = 15;

    /// <summary>RTA_VIA: a gateway of another family, struct rtvia.</summary>
    public const ushort Via = 18;
}

/// <summary>Attributes inside RTA_METRICS. Source: linux/rtnetlink.h.</summary>
internal static class RouteMetricAttribute
{
    /// <summary>RTAX_MTU.</summary>
    public const ushort Mtu = 2;

    /// <summary>RTAX_ADVMSS.</summary>
    public const ushort AdvertisedMss = 8;
}

/// <summary>Bits of rtm_flags and rtnh_flags. Source: linux/rtnetlink.h.</summary>
internal static class NextHopFlag
{
    /// <summary>RTNH_F_ONLINK.</summary>
    public const uint OnLink = 4;
}
