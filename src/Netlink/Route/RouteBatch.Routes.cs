using System.Globalization;
using Linux;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>
    /// Adds a route: EEXIST if the table has one to the same destination with the same priority; ENETUNREACH or EHOSTUNREACH if the
    /// gateway cannot be reached; ENETDOWN if the interface is down.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddRoute(RouteSpec route, Errno tolerate = Errno.None) =>
        NewRoute(NewFlags.Create | NewFlags.Exclusive, "add", route, tolerate);

    /// <summary>
    /// Adds a route before those to the same destination with the same priority; of IPv6, as one more way of that route. EEXIST only if
    /// the very same is there.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch PrependRoute(RouteSpec route, Errno tolerate = Errno.None) => NewRoute(NewFlags.Create, "prepend", route, tolerate);

    /// <summary>Adds a route in place of one to the same destination with the same priority, if there is one.</summary>
    /// <param name="route">The route.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch ReplaceRoute(RouteSpec route, Errno tolerate = Errno.None) =>
        NewRoute(NewFlags.Create | NewFlags.Replace, "replace", route, tolerate);

    /// <summary>
    /// Deletes the first route of the table that has this destination and, where given, this gateway, interface, priority, scope and
    /// so on; ESRCH if there is none.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteRoute(RouteSpec route, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteRoute, NewFlags.None, Describe("delete", route), tolerate);
        RouteMessage.Write(
            writer,
            route,
            route.Scope ?? RouteScope.Nowhere,
            route.Protocol ?? RouteProtocol.Unspecified,
            route.Type ?? RouteType.Unspecified);
        return End();
    }

    private static OperationText Describe(string verb, RouteSpec route)
    {
        string via = route.Gateway is { } gateway ? $" via {IpText.Format(gateway)}" : "";
        string table = route.Table == RouteTable.Main ? "" : $" in table {route.Table.ToString(CultureInfo.InvariantCulture)}";
        return $"{verb} route {route.Destination}{via}{table}";
    }

    private RouteBatch NewRoute(NewFlags flags, string verb, RouteSpec route, Errno tolerate)
    {
        NetlinkWriter writer = Begin(RouteMessageType.NewRoute, flags, Describe(verb, route), tolerate);
        RouteMessage.Write(
            writer,
            route,
            route.Scope ?? RouteMessage.DefaultScope(route),
            route.Protocol ?? RouteProtocol.Boot,
            route.Type ?? RouteType.Unicast);
        return End();
    }
}
