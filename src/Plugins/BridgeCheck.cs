using System.Globalization;
using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// CHECK of <c>bridge</c>: whether what ADD made still stands. The result is that of the whole chain, so what later plugins may change
/// (MAC addresses on the host, routing tables, further interfaces) is not held against the pod.
/// </summary>
/// <param name="call">The CHECK.</param>
/// <param name="settings">Its configuration, checked.</param>
internal sealed class BridgeCheck(CniInvocation call, BridgeSettings settings)
{
    private readonly CniResult _result = call.RequiredPrevResult;

    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    public void Run()
    {
        using RouteClient host = RouteClient.Open();
        using RouteClient pod = RouteClient.Open(call.Namespace!);

        Link bridge = host.FindLink(settings.Bridge) ?? throw Failed($"bridge {settings.Bridge} does not exist");
        if (bridge.Kind != "bridge")
            throw Failed($"{bridge.Name} is no bridge but of kind {bridge.Kind ?? "physical"}");
        if (settings.Promiscuous && !bridge.Flags.HasFlag(LinkFlags.Promiscuous))
            throw Failed($"bridge {bridge.Name} is not promiscuous");

        Link podEnd = CheckPodEnd(pod);
        Link port = CheckPort(host, bridge, podEnd);
        foreach (CniIp ip in _result.Ips.Where(IsOnPodEnd))
            CheckAddress(pod, podEnd, ip);
        CheckRoutes(pod);
        if (settings.Masquerade)
            PodMasquerade.Check(new AttachmentTag(call.Network, call.ContainerId, call.IfName), OwnAddresses(port));
        if (settings.IpamType is { } type)
            IpamPlugin.Resolve(call, type).Check(call);
    }

    private Link CheckPodEnd(RouteClient pod)
    {
        CniInterface expected = _result.Interfaces.Find(candidate => candidate.Name == call.IfName && candidate.Sandbox == call.NetNS)
            ?? throw Failed($"prevResult has no interface {call.IfName} with sandbox {call.NetNS}");
        Link podEnd = pod.FindLink(call.IfName) ?? throw Failed($"interface {call.IfName} does not exist in {call.NetNS}");
        if (podEnd.Kind != "veth")
            throw Failed($"interface {call.IfName} is no veth but of kind {podEnd.Kind ?? "physical"}");
        if (MacAddress.TryParse(expected.Mac, out MacAddress mac) && podEnd.Mac != mac)
            throw Failed($"interface {call.IfName} has the MAC address {podEnd.Mac}, prevResult says {mac}");
        if (!podEnd.IsUp && !settings.ContainerInterfaceDown)
            throw Failed($"interface {call.IfName} is down");
        return podEnd;
    }

    private Link CheckPort(RouteClient host, Link bridge, Link podEnd)
    {
        Link port = (podEnd.PeerIndex is { } index ? host.FindLink(index) : null)
            ?? throw Failed($"the host end of {call.IfName} does not exist");
        if (port.MasterIndex != bridge.Index)
            throw Failed($"{port.Name}, the host end of {call.IfName}, is not a port of bridge {bridge.Name}");
        if (settings.Hairpin && port.Port is not { Hairpin: true })
            throw Failed($"bridge port {port.Name} is not in hairpin mode");
        if (settings.Isolated && port.Port is not { Isolated: true })
            throw Failed($"bridge port {port.Name} is not isolated");
        PortVlans.Check(host, port, settings);
        return port;
    }

    /// <summary>Later plugins may have added addresses to the interface; the alias has those that ADD gave it.</summary>
    private IpPrefix[] OwnAddresses(Link port)
    {
        IpPrefix[] own = [.. AttachmentTag.AddressesIn(port.Alias ?? "")];
        return own.Length > 0 ? own : [.. _result.Ips.Where(IsOnPodEnd).Select(static ip => ip.Address)];
    }

    private void CheckAddress(RouteClient pod, Link podEnd, CniIp ip)
    {
        if (!pod.ListAddresses(podEnd.Index).Exists(address => address.Address == ip.Address))
            throw Failed($"interface {call.IfName} lacks the address {ip.Address}");
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
                throw Failed(string.Create(CultureInfo.InvariantCulture, $"the route to {route.Destination} does not exist in {call.NetNS}"));
        }
    }

    private bool IsOnPodEnd(CniIp ip) =>
        ip.Interface is not { } index
        || (index >= 0 && index < _result.Interfaces.Count
            && _result.Interfaces[index].Name == call.IfName && _result.Interfaces[index].Sandbox == call.NetNS);

    private static CniException Failed(string message) => new(CniErrorCode.CheckFailed, message);
}
