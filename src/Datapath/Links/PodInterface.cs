using Cni;
using Linux;
using Linux.Addresses;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Datapath.Links;

/// <summary>The interface inside the pod: brought up, addressed and routed in one datagram.</summary>
/// <param name="Name">CNI_IFNAME.</param>
/// <param name="Index">Its ifindex.</param>
public sealed record PodInterface(string Name, int Index)
{
    private static readonly TimeSpan s_dadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Settings under /proc/sys that must stand before the interface goes up; to be called inside the pod's namespace. All are best
    /// effort: a kernel without IPv6 has none of them.
    /// </summary>
    /// <param name="duplicateAddressDetection">Whether IPv6 addresses are probed before use; without, they serve at once.</param>
    public void Prepare(bool duplicateAddressDetection)
    {
        string ipv6 = $"net/ipv6/conf/{Name}";
        if (duplicateAddressDetection)
            _ = Sysctl.TryWrite($"{ipv6}/enhanced_dad", "1");
        _ = Sysctl.TryWrite($"{ipv6}/accept_dad", duplicateAddressDetection ? "1" : "0");
        // Neighbours may know the addresses under the MAC address of a pod that had them before.
        _ = Sysctl.TryWrite($"net/ipv4/conf/{Name}/arp_notify", "1");
        _ = Sysctl.TryWrite($"{ipv6}/ndisc_notify", "1");
    }

    /// <summary>What IPv6 addresses need; to be called inside the pod's namespace.</summary>
    /// <param name="first">The first of them, for messages.</param>
    /// <exception cref="CniException">This kernel has no IPv6.</exception>
    /// <exception cref="LinuxException">A setting exists and refuses.</exception>
    public void PrepareIPv6(IpPrefix first)
    {
        _ = InterfaceIPv6.TryEnable("lo");
        if (!InterfaceIPv6.TryEnable(Name))
        {
            throw CniException.InvalidConfig(
                $"ipam gives the address {first}, and this kernel has no IPv6 (there is no /proc/sys/net/ipv6): remove the IPv6 ranges and "
                + "routes from ipam, or boot with IPv6");
        }
        Sysctl.Write($"net/ipv6/conf/{Name}/keep_addr_on_down", "1");
    }

    /// <summary>Brings the interface up with the addresses and routes of a result.</summary>
    /// <param name="pod">The pod's links.</param>
    /// <param name="result">Addresses and routes.</param>
    /// <param name="duplicateAddressDetection">Whether IPv6 addresses are probed before use.</param>
    /// <param name="subnetRoutes">What is routed how to the subnets of the addresses; null for the kernel's routes.</param>
    /// <exception cref="NetlinkException">The kernel refused one of them; the message names it.</exception>
    public void Configure(RouteClient pod, CniResult result, bool duplicateAddressDetection, IReadOnlyList<RouteSpec>? subnetRoutes = null)
    {
        RouteBatch batch = new();
        foreach (CniIp ip in result.Ips)
        {
            batch.AddAddress(Index, new AddressSpec
            {
                Address = ip.Address,
                Broadcast = BroadcastOf(ip.Address),
                NoDad = ip.Address.IsIPv6 && !duplicateAddressDetection,
                NoPrefixRoute = subnetRoutes is not null,
            });
        }
        batch.SetLink(Index, new LinkChange { Up = true });
        foreach (RouteSpec route in subnetRoutes ?? [])
            batch.AddRoute(route);
        foreach (CniRoute route in result.Routes.Distinct())
        {
            // Another gateway to the same destination is one more route. The very same may come twice; what matters is that it is there.
            batch.PrependRoute(RouteThrough(route, result.Ips, subnetsAreOnLink: subnetRoutes is null), tolerate: Errno.EEXIST);
        }
        pod.Execute(batch);
    }

    /// <summary>
    /// The kernel's view of a route: its gateway defaults to the first of its family among the addresses, unless it says that the
    /// destination is on the link or the pod itself.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="ips">The pod's addresses.</param>
    /// <param name="subnetsAreOnLink">
    /// Whether the subnets of the addresses are, as the kernel's routes say; else only their gateways are.
    /// </param>
    public RouteSpec RouteThrough(CniRoute route, IReadOnlyList<CniIp> ips, bool subnetsAreOnLink = true)
    {
        System.Net.IPAddress? gateway = route.IsOnLink ? null : route.Gateway;
        if (gateway is null && !route.IsOnLink && route.Scope is null or < (int)RouteScope.Link)
            gateway = ips.FirstOrDefault(ip => ip.Gateway is not null && ip.Address.IsIPv6 == route.Destination.IsIPv6)?.Gateway;
        return new RouteSpec
        {
            Destination = route.Destination.Masked,
            Gateway = gateway,
            OutputIndex = Index,
            // A gateway outside every subnet (a /32, a shared gateway) is reached on the link all the same.
            OnLink = gateway is not null && !gateway.IsIPv6LinkLocal && !ips.Any(ip => subnetsAreOnLink
                ? ip.Address.Length < ip.Address.MaxLength && ip.Address.Contains(gateway)
                : gateway.Equals(ip.Gateway)),
            Scope = (RouteScope?)route.Scope,
            Table = route.Table is { } table ? (uint)table : RouteTable.Main,
            Priority = route.Priority is > 0 ? (uint)route.Priority : null,
            Mtu = route.Mtu is > 0 ? route.Mtu : null,
            AdvMss = route.AdvMss is > 0 ? route.AdvMss : null,
        };
    }

    /// <summary>
    /// Tells the addresses to the link, as the kernel does when the interface goes up (<c>arp_notify</c>, <c>ndisc_notify</c>): it does so
    /// again when a MAC address is set, be it the same one (inetdev_event, net/ipv4/devinet.c; ndisc_netdev_event, net/ipv6/ndisc.c). What
    /// cannot be told the neighbours find out by themselves.
    /// </summary>
    /// <param name="pod">The pod's links.</param>
    /// <param name="mac">The interface's MAC address.</param>
    public void Announce(RouteClient pod, MacAddress mac) =>
        _ = pod.TryExecute(new RouteBatch().SetLink(Index, new LinkChange { Mac = mac }));

    /// <summary>IPv4 networks with room for one have a broadcast address; the kernel sets none by itself.</summary>
    private static System.Net.IPAddress? BroadcastOf(IpPrefix address) =>
        !address.IsIPv6 && address.Length <= 30 ? address.Broadcast : null;

    /// <summary>Waits until every IPv6 address can be used; to be called inside the pod's namespace.</summary>
    /// <exception cref="CniException">Another host uses one of them.</exception>
    public void WaitForDad()
    {
        using LinkMonitor monitor = LinkMonitor.Open();
        List<InterfaceAddress> addresses = monitor.WaitForAddresses(Index, s_dadTimeout);
        if (addresses.Find(static address => address.IsDuplicate) is { } duplicate)
            throw new CniException(CniErrorCode.AlreadyExists, $"another host uses the address {duplicate.Address} of {Name}");
        if (addresses.Find(static address => address.IsTentative) is { } tentative)
        {
            throw new CniException(
                CniErrorCode.TryAgainLater,
                $"duplicate address detection for {tentative.Address} on {Name} did not end within {s_dadTimeout.TotalSeconds} s");
        }
    }
}
