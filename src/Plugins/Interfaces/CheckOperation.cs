using Cni;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Ipam;

namespace Plugins.Interfaces;

/// <summary>
/// CHECK of an interface plugin: whether what ADD made still stands. The result is that of the whole chain, so what later plugins may
/// change (MAC addresses on the host, routing tables, further interfaces) is not held against the pod.
/// </summary>
/// <param name="call">The CHECK.</param>
/// <param name="step">Its configuration, checked.</param>
/// <param name="kind">IFLA_INFO_KIND of the interface in the pod; null for any.</param>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class CheckOperation(CniInvocation call, IInterfaceDriver step, string? kind, IpamPlugins ipam)
{
    private readonly CniResult _result = call.RequiredPrevResult;

    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    public void Run()
    {
        if (step.Pod.HasInterface)
            CheckKernel();
        if (step.Pod.IpamType is { } type)
            ipam.Resolve(call, type).Check(call);
    }

    private void CheckKernel()
    {
        using RouteClient host = RouteClient.Open();
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        Link podEnd = CheckInterface(pod);
        CniIp[] ips = [.. _result.IpsOf(call.IfName)];
        CheckAddresses(pod, podEnd, ips);
        CheckRoutes(pod);
        step.Check(new LinkCheck(call, host, pod, podEnd, ips));
    }

    private Link CheckInterface(RouteClient pod)
    {
        CniInterface expected = _result.Interfaces.Find(candidate => candidate.Name == call.IfName && candidate.Sandbox == call.NetNS)
            ?? throw CniException.CheckFailed($"prevResult has no interface {call.IfName} with sandbox {call.NetNS}");
        Link podEnd = pod.FindLink(call.IfName)
            ?? throw CniException.CheckFailed($"interface {call.IfName} does not exist in {call.NetNS}");
        if (kind is not null && podEnd.Kind != kind)
            throw CniException.CheckFailed($"interface {call.IfName} is no {kind} but of kind {podEnd.Kind ?? "physical"}");
        if (MacAddress.TryParse(expected.Mac, out MacAddress mac) && podEnd.Mac != mac)
            throw CniException.CheckFailed($"interface {call.IfName} has the MAC address {podEnd.Mac}, prevResult says {mac}");
        if (!podEnd.IsUp && !step.Pod.StaysDown)
            throw CniException.CheckFailed($"interface {call.IfName} is down");
        return podEnd;
    }

    private void CheckAddresses(RouteClient pod, Link podEnd, CniIp[] ips)
    {
        if (ips.Length == 0)
            return;
        List<InterfaceAddress> present = pod.ListAddresses(podEnd.Index);
        foreach (CniIp ip in ips)
        {
            if (!present.Exists(address => address.Address == ip.Address))
                throw CniException.CheckFailed($"interface {call.IfName} lacks the address {ip.Address}");
        }
    }

    private void CheckRoutes(RouteClient pod)
    {
        if (_result.Routes.Count == 0)
            return;
        // In all tables: sbr and vrf move routes, and that is their right.
        List<RouteSpec> present = pod.ListRoutes(new RouteFilter());
        foreach (CniRoute route in _result.Routes)
        {
            if (!present.Exists(candidate => candidate.Destination == route.Destination.Masked))
                throw CniException.CheckFailed($"the route to {route.Destination} does not exist in {call.NetNS}");
        }
    }
}
