using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Routes;

namespace Datapath.Node;

/// <summary>
/// <c>accept_ra</c>: an interface with the usual value 1 stops listening to routers once the host forwards IPv6 itself, and the host loses
/// its default route when that expires (Documentation/networking/ip-sysctl.rst).
/// </summary>
public static class RouterAdvertisements
{
    /// <summary>
    /// Lets the interfaces by which a router has told of routes go on listening. To be called before forwarding is switched on, which
    /// forgets these routes.
    /// </summary>
    /// <exception cref="Netlink.NetlinkException">The routes cannot be listed.</exception>
    public static void KeepListening(RouteClient client)
    {
        if (Sysctl.TryRead("net/ipv6/conf/all/forwarding") is null or "1")
            return;
        IEnumerable<int> taught = client.ListRoutes(new RouteFilter { Protocol = RouteProtocol.RouterAdvertisement })
            .SelectMany(static route => route.Multipath.Select(static hop => hop.OutputIndex).Append(route.OutputIndex ?? 0))
            .Distinct();
        foreach (int index in taught)
        {
            if (client.FindLink(index) is { } link && $"net/ipv6/conf/{link.Name}/accept_ra" is var key && Sysctl.TryRead(key) == "1")
                _ = Sysctl.TryWrite(key, "2");
        }
    }
}
