using System.Net;
using Linux.Addresses;

namespace Netlink.Route.Routes;

/// <summary>A route, as it is to be made and as it is read back. What is null is left to the kernel.</summary>
public sealed record RouteSpec
{
    /// <summary>RTA_DST and rtm_dst_len: no host bits; <c>0.0.0.0/0</c> or <c>::/0</c> for a default route.</summary>
    public required IpPrefix Destination { get; init; }

    /// <summary>RTA_GATEWAY, or RTA_VIA if it is of the other family.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>RTA_OIF: the index of the interface that packets leave by.</summary>
    public int? OutputIndex { get; init; }

    /// <summary>RTA_TABLE.</summary>
    public uint Table { get; init; } = RouteTable.Main;

    /// <summary>rtm_type. If null, a new route gets <see cref="RouteType.Unicast"/>, and any is deleted.</summary>
    public RouteType? Type { get; init; }

    /// <summary>
    /// rtm_scope, IPv4 only. If null, as ip does it: of routes to the host itself <see cref="RouteScope.Host"/>, without a gateway
    /// <see cref="RouteScope.Link"/>, else <see cref="RouteScope.Universe"/>.
    /// </summary>
    public RouteScope? Scope { get; init; }

    /// <summary>rtm_protocol. If null, a new route gets <see cref="RouteProtocol.Boot"/>, and any is deleted.</summary>
    public RouteProtocol? Protocol { get; init; }

    /// <summary>RTA_PRIORITY (<c>metric</c> in ip): the lowest wins. The kernel's default is 0, for IPv6 1024.</summary>
    public uint? Priority { get; init; }

    /// <summary>RTA_PREFSRC: the source address of packets that the host sends without one.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>RTNH_F_ONLINK: the gateway counts as reachable on the link, whatever the addresses say.</summary>
    public bool OnLink { get; init; }

    /// <summary>RTAX_MTU, bytes.</summary>
    public uint? Mtu { get; init; }

    /// <summary>RTAX_ADVMSS: the segment size that TCP announces, bytes.</summary>
    public uint? AdvMss { get; init; }

    /// <summary>RTA_MULTIPATH: several ways, instead of <see cref="Gateway"/> and <see cref="OutputIndex"/>.</summary>
    public IReadOnlyList<NextHop> Multipath { get; init; } = [];
}

/// <summary>One of several ways of a route.</summary>
public sealed record NextHop
{
    /// <summary>RTA_GATEWAY, or RTA_VIA if it is of the other family.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>rtnh_ifindex: the interface that packets leave by; 0 to let the kernel find it.</summary>
    public int OutputIndex { get; init; }

    /// <summary>rtnh_hops + 1: its share of the flows, 1 to 256.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>RTNH_F_ONLINK: the gateway counts as reachable on the link, whatever the addresses say.</summary>
    public bool OnLink { get; init; }
}
