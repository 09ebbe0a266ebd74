using Netlink.Route.Routes;

namespace Datapath.Links;

/// <summary>Routes as far as they lead through one interface: others may share a route as its further ways.</summary>
public static class InterfaceRoutes
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
        public RouteSpec? Keep(IReadOnlyList<NextHop> hops) => hops.Count switch
        {
            0 => null,
            1 => route with { Gateway = hops[0].Gateway, OutputIndex = hops[0].OutputIndex, OnLink = hops[0].OnLink, Multipath = [] },
            _ => route with { Multipath = hops },
        };
    }
}
