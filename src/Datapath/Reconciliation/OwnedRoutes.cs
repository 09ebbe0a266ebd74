using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Routes;

namespace Datapath.Reconciliation;

/// <summary>The routes of the main table that bear a protocol number of ours. One of somebody else to the same destination stays.</summary>
/// <param name="client">The kernel.</param>
/// <param name="protocol">Our number (rtm_protocol).</param>
public sealed class OwnedRoutes(RouteClient client, RouteProtocol protocol)
    : RouteObjects<(IpPrefix Destination, uint Priority), RouteSpec>(client)
{
    // IP6_RT_PRIO_USER, net/ipv6/route.c: what the kernel takes where none is given.
    private const uint DefaultPriority6 = 1024;

    /// <inheritdoc/>
    public override IReadOnlyList<RouteSpec> List() =>
        Client.ListRoutes(new RouteFilter { Protocol = protocol, Table = RouteTable.Main });

    /// <inheritdoc/>
    public override (IpPrefix Destination, uint Priority) KeyOf(RouteSpec item) =>
        (item.Destination, item.Priority ?? (item.Destination.IsIPv6 ? DefaultPriority6 : 0));

    /// <inheritdoc/>
    public override bool IsAsWanted(RouteSpec present, RouteSpec wanted) =>
        Equals(present.Gateway, wanted.Gateway)
        // Of a route without an interface the kernel says that it is lo.
        && (wanted.OutputIndex is null || present.OutputIndex == wanted.OutputIndex)
        && (present.Type ?? RouteType.Unicast) == (wanted.Type ?? RouteType.Unicast)
        && present.OnLink == wanted.OnLink
        && Equals(present.PreferredSource, wanted.PreferredSource)
        && (present.Mtu, present.AdvMss) == (wanted.Mtu, wanted.AdvMss)
        && present.Multipath.Count == 0;

    /// <inheritdoc/>
    protected override void Add(RouteBatch batch, RouteSpec item) => batch.AddRoute(item with { Protocol = protocol });

    /// <inheritdoc/>
    protected override void Change(RouteBatch batch, RouteSpec item) => batch.ReplaceRoute(item with { Protocol = protocol });

    /// <inheritdoc/>
    protected override void Remove(RouteBatch batch, RouteSpec item) =>
        batch.DeleteRoute(item with { Protocol = protocol }, Errno.ESRCH);
}
