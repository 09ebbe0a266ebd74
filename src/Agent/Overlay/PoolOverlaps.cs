using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Routes;

namespace Agent.Overlay;

/// <summary>
/// Routes of the node that lead into a pool and are not the cluster's: of docker, podman, a VPN, or the node's own link. What is there is
/// never changed for that; it is said.
/// </summary>
internal static class PoolOverlaps
{
    /// <summary>Looks for them.</summary>
    /// <param name="client">The kernel.</param>
    /// <param name="pools">Prefixes without host bits.</param>
    /// <exception cref="Netlink.NetlinkException">The kernel does not tell its routes.</exception>
    public static IReadOnlyList<PoolOverlap> Find(RouteClient client, IReadOnlyCollection<IpPrefix> pools)
    {
        List<PoolOverlap> found = [];
        foreach (IpFamily family in IpFamily.Both.Where(family => pools.Any(pool => pool.Family == family)))
        {
            foreach (RouteSpec route in client.ListRoutes(new RouteFilter { Family = family, Table = RouteTable.Main }))
            {
                if (IsOfOthers(route) && pools.FirstOrDefault(pool => Overlap(pool, route.Destination)) is { Address: not null } pool)
                    found.Add(new PoolOverlap(pool, route.Destination, NameOf(client, route.OutputIndex)));
            }
        }
        return found;
    }

    // A route to one address inside a pool is that of a pod.
    private static bool IsOfOthers(RouteSpec route) => route.Protocol != OverlayRouting.Protocol
        && route.Destination is { Length: > 0, Address: { IsIPv6LinkLocal: false, IsIPv6Multicast: false } }
        && route.Destination.Length < route.Destination.MaxLength;

    private static bool Overlap(IpPrefix one, IpPrefix other) => one.Contains(other.Address) || other.Contains(one.Address);

    private static string NameOf(RouteClient client, int? link) => link is { } index ? client.FindLink(index)?.Name ?? "" : "";
}
