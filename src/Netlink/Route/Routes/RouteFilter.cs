using Linux.Addresses;

namespace Netlink.Route.Routes;

/// <summary>Which routes to list; null lets all through. All but <see cref="Destination"/> is sorted out in the kernel.</summary>
public sealed record RouteFilter
{
    /// <summary>rtm_family; null is that of <see cref="Destination"/>, or both.</summary>
    public IpFamily? Family { get; init; }

    /// <summary>RTA_TABLE.</summary>
    public uint? Table { get; init; }

    /// <summary>RTA_OIF: the interface that packets leave by.</summary>
    public int? OutputIndex { get; init; }

    /// <summary>rtm_type.</summary>
    public RouteType? Type { get; init; }

    /// <summary>rtm_protocol.</summary>
    public RouteProtocol? Protocol { get; init; }

    /// <summary>RTA_DST: exactly this prefix.</summary>
    public IpPrefix? Destination { get; init; }

    internal IpFamily? EffectiveFamily => Family ?? (Destination is { } prefix ? MessageFamily.Of(prefix.Address) : null);

    internal bool Allows(RouteSpec route) =>
        EffectiveFamily.Allows(MessageFamily.Of(route.Destination.Address))
        && (Destination is null || route.Destination == Destination)
        && (Table is null || route.Table == Table)
        && (OutputIndex is null || route.OutputIndex == OutputIndex || route.Multipath.Any(hop => hop.OutputIndex == OutputIndex))
        && (Type is null || route.Type == Type)
        && (Protocol is null || route.Protocol == Protocol);
}
