using System.Net;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Routes;

namespace Agent.Nodes;

/// <summary>The addresses by which other nodes reach this one, where nobody says which.</summary>
public static class UnderlayAddresses
{
    /// <summary>
    /// Of each family the source address of the default route: the address that the kernel would choose for packets to a host that no
    /// other route leads to.
    /// </summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refuses to say.</exception>
    public static IReadOnlyList<IPAddress> Find()
    {
        using RouteClient host = RouteClient.Open();
        List<IPAddress> addresses = [];
        foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            RouteSpec? route = host.ListRoutes(new RouteFilter { Family = family, Table = RouteTable.Main })
                .Where(static route => route.Destination.Length == 0)
                .MinBy(static route => route.Priority);
            if (route is null)
                continue;
            // Any address that is not the cluster's own leads the same way: those of documentation (RFC 5737, RFC 3849).
            IPAddress outside = family == IpFamily.IPv6 ? IPAddress.Parse("2001:db8::1") : IPAddress.Parse("192.0.2.1");
            if (host.FindRoute(outside)?.PreferredSource is { } source)
                addresses.Add(source);
        }
        return addresses;
    }
}
