namespace Netlink.Route.Routes;

/// <summary>What happens to packets on a route. Source: linux/rtnetlink.h.</summary>
public enum RouteType : byte
{
    /// <summary>RTN_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>RTN_UNICAST: they go to a gateway or onto a link.</summary>
    Unicast = 1,

    /// <summary>RTN_LOCAL: they are for this host.</summary>
    Local = 2,

    /// <summary>RTN_BROADCAST: they are for this host, and sent as broadcasts.</summary>
    Broadcast = 3,

    /// <summary>RTN_ANYCAST: they are for this host, and sent as unicasts.</summary>
    Anycast = 4,

    /// <summary>RTN_MULTICAST.</summary>
    Multicast = 5,

    /// <summary>RTN_BLACKHOLE: they vanish.</summary>
    Blackhole = 6,

    /// <summary>RTN_UNREACHABLE: they are answered with "host unreachable".</summary>
    Unreachable = 7,

    /// <summary>RTN_PROHIBIT: they are answered with "administratively prohibited".</summary>
    Prohibit = 8,

    /// <summary>RTN_THROW: the lookup goes on in the next table.</summary>
    Throw = 9,
}
