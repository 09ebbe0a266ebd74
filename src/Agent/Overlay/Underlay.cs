using System.Net;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Agent.Overlay;

/// <summary>The network that the nodes themselves are in, as this node sees it at one moment.</summary>
/// <param name="client">The kernel.</param>
internal sealed class Underlay(RouteClient client)
{
    // struct iphdr, udphdr, vxlanhdr and ethhdr: 20 + 8 + 8 + 14; ipv6hdr has 40 bytes.
    private const int Overhead4 = 50;
    private const int Overhead6 = 70;

    /// <summary>
    /// Bytes that WireGuard takes from the MTU, over IPv6: ipv6hdr, udphdr, and 32 of a message of type 4 (its header 16, its tag 16). Over
    /// IPv4 it takes 20 less, but one device has peers of both.
    /// </summary>
    public const int WireGuardOverhead = 80;

    private const LinkFlags NotShared = LinkFlags.PointToPoint | LinkFlags.NoArp | LinkFlags.Loopback;

    private readonly Dictionary<int, Link?> _links = [];
    private readonly Dictionary<IPAddress, UnderlayWay?> _ways = [];

    /// <summary>Bytes that a tunnel takes from the MTU.</summary>
    public static int OverheadOf(IpFamily family) => family.IsIPv6 ? Overhead6 : Overhead4;

    /// <summary>The interfaces by which the addresses that were asked for are reached.</summary>
    public IReadOnlyCollection<int> Links => [.. _ways.Values.OfType<UnderlayWay>().Select(static way => way.LinkIndex).Distinct()];

    /// <summary>The way to an address; null if there is none.</summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refused to look.</exception>
    public UnderlayWay? FindWay(IPAddress address)
    {
        if (!_ways.TryGetValue(address, out UnderlayWay? way))
            _ways.Add(address, way = LookUp(address));
        return way;
    }

    /// <summary>
    /// The MTU that a tunnel may have: that of the interfaces by which the other nodes are reached, or else of the one that has the own
    /// address, less what the tunnel takes. Not what the kernel has heard of a path, which anybody may have told it.
    /// </summary>
    /// <param name="own">The own address.</param>
    /// <param name="peers">The addresses of the other nodes.</param>
    /// <param name="overhead">What the tunnel takes, bytes.</param>
    /// <returns>Null if no interface is known.</returns>
    public int? FindMtu(IPAddress own, IEnumerable<IPAddress> peers, int overhead)
    {
        int? mtu = peers.Select(FindWay)
            .Where(static way => way is { IsOwn: false })
            .Select(way => FindLink(way!.LinkIndex)?.Mtu)
            .Min();
        mtu ??= client.ListAddresses(family: own.Family)
            .Where(address => address.Address.Address.Equals(own))
            .Select(address => FindLink(address.LinkIndex))
            .FirstOrDefault(static link => link is not null && !link.Flags.HasFlag(LinkFlags.Loopback))?.Mtu;
        return mtu - overhead;
    }

    private UnderlayWay? LookUp(IPAddress address)
    {
        if (client.FindRoute(address) is not { OutputIndex: { } index } route)
            return null;
        bool isOwn = route.Type == RouteType.Local;
        if (!isOwn && route.Type != RouteType.Unicast)
            return null;
        return new UnderlayWay(index, route.Gateway, FindLink(index) is { } link && (link.Flags & NotShared) == 0, isOwn);
    }

    private Link? FindLink(int index)
    {
        if (!_links.TryGetValue(index, out Link? link))
            _links.Add(index, link = client.FindLink(index));
        return link;
    }
}
