using System.Net;
using Linux;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>The routes that a filter lets through, those in table local included unless a table is named.</summary>
    /// <exception cref="NetlinkException">Routes came and went throughout 20 attempts (EBUSY).</exception>
    public List<RouteSpec> ListRoutes(RouteFilter filter)
    {
        NetlinkBatch request = new();
        // ENODEV: no such interface, so no routes over it either.
        NetlinkWriter writer = BeginGet(request, RouteMessageType.GetRoute, GetFlags.Dump, "list routes", absent: Errno.ENODEV);
        RouteMessage.WriteDump(writer, filter);
        request.End();
        return _socket.Get(
            request,
            (type, payload) => RouteParser.Parse(type, payload) is { } route && filter.Allows(route) ? route : null,
            absent: Errno.ENOENT);
    }

    /// <summary>
    /// How the kernel would send a packet of its own to an address (<c>ip route get</c>): one route with the address as its destination,
    /// the interface and perhaps the gateway.
    /// </summary>
    /// <returns>Null if the address cannot be reached.</returns>
    /// <exception cref="NetlinkException">The kernel refused to look.</exception>
    public RouteSpec? FindRoute(IPAddress destination)
    {
        NetlinkBatch request = new();
        RouteMessage.WriteLookup(
            BeginGet(request, RouteMessageType.GetRoute, GetFlags.None, $"find the route to {destination}"), destination);
        request.End();
        try
        {
            return _socket.Get(request, RouteParser.Parse, absent: Errno.ENETUNREACH).FirstOrDefault();
        }
        catch (NetlinkException e) when (e.Errno == Errno.EHOSTUNREACH)
        {
            // What a route of type unreachable answers.
            return null;
        }
    }

    /// <inheritdoc cref="RouteBatch.AddRoute"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void AddRoute(RouteSpec route, Errno tolerate = Errno.None) => Execute(new RouteBatch().AddRoute(route, tolerate));

    /// <inheritdoc cref="RouteBatch.PrependRoute"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void PrependRoute(RouteSpec route, Errno tolerate = Errno.None) => Execute(new RouteBatch().PrependRoute(route, tolerate));

    /// <inheritdoc cref="RouteBatch.ReplaceRoute"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void ReplaceRoute(RouteSpec route, Errno tolerate = Errno.None) => Execute(new RouteBatch().ReplaceRoute(route, tolerate));

    /// <inheritdoc cref="RouteBatch.DeleteRoute"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void DeleteRoute(RouteSpec route, Errno tolerate = Errno.None) => Execute(new RouteBatch().DeleteRoute(route, tolerate));
}
