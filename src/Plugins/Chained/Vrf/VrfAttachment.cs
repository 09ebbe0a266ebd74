using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Linux.Files;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Plugins.Chained.Vrf;

/// <summary>
/// One ADD of <c>vrf</c>. The kernel switches an interface off and on when it gets another master (cycle_netdev, drivers/net/vrf.c), so
/// that its routes go, and its IPv6 addresses too unless keep_addr_on_down is set. What is lost is put back, in the VRF's table.
/// </summary>
/// <param name="call">The call.</param>
/// <param name="settings">Its configuration, checked.</param>
internal sealed class VrfAttachment(CniInvocation call, VrfSettings settings)
{
    private static readonly TimeSpan s_addressTimeout = TimeSpan.FromSeconds(5);

    private readonly NetworkNamespace _pod = call.Namespace!;

    /// <exception cref="CniException">
    /// The interface does not exist or belongs to something, or the VRF cannot be had as it is wanted.
    /// </exception>
    public void Make(UndoStack undo)
    {
        using FileLock held = PodLock.Take(_pod);
        using RouteClient pod = RouteClient.Open(_pod);
        Link link = ChainedInterface.Require(pod, call);
        if (link.MasterIndex is { } master)
        {
            throw CniException.InvalidConfig(
                $"interface {call.IfName} belongs to {pod.FindLink(master)?.Name ?? $"interface {master}"} already, and can belong to one "
                + "only");
        }
        List<RouteSpec> routes = pod.ListRoutes(new RouteFilter());
        Link vrf = VrfDevice.Ensure(pod, settings, routes, undo, () => RouteClient.Open(_pod));

        List<RouteSpec> own = routes.FindAll(route => IsToFollow(route, link.Index));
        List<InterfaceAddress> addresses = pod.ListAddresses(link.Index, IpFamily.IPv6).FindAll(IsToStay);
        // Before the first change, so that no notification is missed.
        using LinkMonitor? monitor = addresses.Count == 0 ? null : LinkMonitor.Open(_pod);
        undo.Push($"take {call.IfName} out of {vrf.Name}", () => TakeBack(link.Index, own, addresses));
        pod.SetLink(link.Index, new LinkChange { Master = vrf.Index });
        PutAddressesBack(pod, link.Index, addresses);
        if (monitor is not null)
            WaitFor(monitor, link.Index, addresses);
        RouteBatch batch = new();
        foreach (RouteSpec route in own.Where(static route => route.Table == RouteTable.Main))
            batch.TakeOut(route, link.Index);
        PutRoutes(batch, own, link.Index, vrf.VrfTable!.Value);
        pod.Execute(batch);
    }

    /// <summary>
    /// Routes through the interface that somebody has made. Those of the kernel come and go with addresses, those of router advertisements
    /// have a lifetime and are learned again.
    /// </summary>
    private static bool IsToFollow(RouteSpec route, int index) =>
        route.Table != RouteTable.Local && route.Type == RouteType.Unicast
        && route.Protocol is not (RouteProtocol.Kernel or RouteProtocol.RouterAdvertisement or RouteProtocol.Redirect)
        && route.Through(index) is not null;

    /// <summary>Link-local addresses and those of router advertisements are made again by the kernel.</summary>
    private static bool IsToStay(InterfaceAddress address) =>
        address.Scope == RouteScope.Universe && address.Flags.HasFlag(AddressFlags.Permanent);

    private static void PutAddressesBack(RouteClient pod, int index, List<InterfaceAddress> addresses)
    {
        if (addresses.Count == 0)
            return;
        List<InterfaceAddress> kept = pod.ListAddresses(index, IpFamily.IPv6);
        RouteBatch batch = new();
        foreach (InterfaceAddress address in addresses.Where(address => !kept.Exists(other => other.Address == address.Address)))
        {
            batch.AddAddress(index, new AddressSpec
            {
                Address = address.Address,
                // It has just been in use here.
                NoDad = true,
                NoPrefixRoute = address.Flags.HasFlag(AddressFlags.NoPrefixRoute),
            }, tolerate: Errno.EEXIST);
        }
        pod.Execute(batch);
    }

    private static void WaitFor(LinkMonitor monitor, int index, List<InterfaceAddress> addresses)
    {
        IpPrefix[] awaited = [.. addresses.Select(static address => address.Address)];
        List<InterfaceAddress> present = monitor.WaitForAddresses(index, s_addressTimeout, awaited);
        if (present.Find(address => awaited.Contains(address.Address) && (address.IsTentative || address.IsDuplicate)) is { } unusable)
        {
            throw new CniException(CniErrorCode.TryAgainLater,
                $"address {unusable.Address} cannot be used in the VRF: duplicate address detection "
                + (unusable.IsDuplicate ? "found another host that has it" : $"did not end within {s_addressTimeout.TotalSeconds} s"));
        }
    }

    /// <summary>
    /// Adds routes in front of those that other interfaces of the VRF have. The last of a list comes first, so that the order stays; what
    /// is on the link comes before gateways, which can be added only once they can be reached.
    /// </summary>
    private static void PutRoutes(RouteBatch batch, List<RouteSpec> routes, int index, uint table)
    {
        foreach (RouteSpec route in Enumerable.Reverse(routes).OrderBy(static route => route.IsOnLink() ? 0 : 1))
        {
            RouteSpec own = route.Through(index)!;
            batch.PrependRoute(own.Table == RouteTable.Main ? own with { Table = table } : own, tolerate: Errno.EEXIST);
        }
    }

    private void TakeBack(int index, List<RouteSpec> routes, List<InterfaceAddress> addresses)
    {
        using RouteClient pod = RouteClient.Open(_pod);
        pod.SetLink(index, new LinkChange { Master = 0 });
        PutAddressesBack(pod, index, addresses);
        RouteBatch batch = new();
        foreach (RouteSpec route in routes.OrderBy(static route => route.IsOnLink() ? 0 : 1))
            batch.PutBack(route, index);
        pod.Execute(batch);
    }
}
