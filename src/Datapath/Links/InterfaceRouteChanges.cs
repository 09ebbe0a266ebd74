using Linux;
using Netlink.Route;
using Netlink.Route.Routes;

namespace Datapath.Links;

/// <summary>Takes routes away from one interface and puts them back, where others may share a route as its further ways.</summary>
public static class InterfaceRouteChanges
{
    extension(RouteBatch batch)
    {
        /// <summary>Deletes a route as far as it leads through an interface.</summary>
        public void TakeOut(RouteSpec route, int index)
        {
            // IPv6 keeps each way as a route of its own; of IPv4 the whole is one object.
            if (!route.Destination.IsIPv6 && route.Keep([.. route.Multipath.Where(hop => hop.OutputIndex != index)]) is { } rest)
                batch.ReplaceRoute(rest);
            else if (route.Through(index) is { } own)
                batch.DeleteRoute(own, tolerate: Errno.ESRCH);
        }

        /// <summary>Takes <see cref="TakeOut"/> back.</summary>
        public void PutBack(RouteSpec route, int index)
        {
            if (!route.Destination.IsIPv6)
                batch.ReplaceRoute(route);
            else if (route.Through(index) is { } own)
                batch.PrependRoute(own, tolerate: Errno.EEXIST);
        }
    }
}
