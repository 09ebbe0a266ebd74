using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>Routes as far as they lead through one interface: others may share a route as its further ways.</summary>
internal static class InterfaceRoutes
{
    extension(RouteSpec route)
    {
        /// <summary>The route through an interface alone; null if it does not lead there.</summary>
        public RouteSpec? Through(int index) =>
            route.OutputIndex == index ? route : route.Keep([.. route.Multipath.Where(hop => hop.OutputIndex == index)]);

        /// <summary>The gateways of all its ways.</summary>
        public IEnumerable<System.Net.IPAddress> Gateways() =>
            route.Gateway is { } gateway ? [gateway] : route.Multipath.Select(static hop => hop.Gateway).OfType<System.Net.IPAddress>();

        /// <summary>Whether its gateways, if it has any, are reached on the link.</summary>
        public bool IsOnLink() => !route.Gateways().Any();

        /// <summary>The route by some of its ways; null for none.</summary>
        private RouteSpec? Keep(IReadOnlyList<NextHop> hops) => hops.Count switch
        {
            0 => null,
            1 => route with { Gateway = hops[0].Gateway, OutputIndex = hops[0].OutputIndex, OnLink = hops[0].OnLink, Multipath = [] },
            _ => route with { Multipath = hops },
        };
    }

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
