using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>One ADD of <c>bridge</c>, step by step.</summary>
/// <param name="call">Whose ADD it is.</param>
/// <param name="settings">Its configuration, checked.</param>
/// <param name="host">The host's links; must outlive the undoing.</param>
/// <param name="undo">Takes back what was done if a later step fails.</param>
internal sealed class BridgeAttachment(CniInvocation call, BridgeSettings settings, RouteClient host, UndoStack undo)
{
    // Behind the bridge and the host end (cni-protocol.md 2.1).
    private const int ContainerInterface = 2;

    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(3);

    private readonly AttachmentTag _tag = new(call.Network, call.ContainerId, call.IfName);

    /// <summary>Attaches the pod.</summary>
    /// <remarks>
    /// Link and addresses come at the same time, the link from a thread of its own. What pods share (the gateway's addresses) is decided
    /// early and done last: nothing that can fail stands behind it, so a failed ADD need not guess whether another pod relies on it by now.
    /// </remarks>
    public CniResult Add()
    {
        (BridgePort port, CniResult result) = AttachAndAllocate();
        using (port)
        {
            GatewayAddresses? gateway = settings.IsGateway && result.Ips.Count > 0 ? PlanGateway(port.Bridge, result) : null;
            if (settings.IpamType is not null)
                ConfigurePod(port, result);
            else if (!settings.ContainerInterfaceDown)
                port.Inside.SetLink(port.Pair.PodIndex, new LinkChange { Up = true });
            if (settings.Masquerade)
                PodMasquerade.Add(_tag, AddressesOf(result), undo);
            if (!settings.ContainerInterfaceDown)
                WaitForPort(port.Pair);

            result.Interfaces.AddRange(
            [
                new CniInterface { Name = port.Bridge.Name, Mac = port.Bridge.Mac.ToString() },
                new CniInterface { Name = port.Pair.HostName, Mac = port.Pair.HostMac.ToString() },
                new CniInterface { Name = call.IfName, Mac = port.Pair.PodMac.ToString(), Sandbox = call.NetNS, Mtu = (uint)port.Pair.Mtu },
            ]);
            if (gateway is not null)
                EnableGateway(port.Bridge, gateway, result);
            return result;
        }
    }

    private static IpPrefix[] AddressesOf(CniResult result) => [.. result.Ips.Select(static ip => ip.Address)];

    /// <summary>Both halves have ended when this returns or throws, so that undoing one does not meet the other at work.</summary>
    private (BridgePort Port, CniResult Result) AttachAndAllocate()
    {
        VethInTheMaking making = new();
        IpamAllocation? allocation = settings.IpamType is { } type ? new IpamAllocation(call, IpamPlugin.Resolve(call, type, making)) : null;
        if (allocation is not null)
            undo.Push("release addresses", allocation.Release);
        BackgroundWork<BridgePort> link = BackgroundWork<BridgePort>.Start(() => BridgePort.Create(call, settings, _tag, host, making));
        undo.Push("detach", () =>
        {
            if (link.Wait())
                link.Join().Delete();
        });
        if (allocation is null)
            return (link.Join(), new CniResult());
        if (!allocation.MayComeFirst)
            _ = link.Join();
        CniResult fromIpam = allocation.Allocate();
        return (link.Join(), Complete(fromIpam));
    }

    private void ConfigurePod(BridgePort port, CniResult result)
    {
        PodInterface pod = new(call.IfName, port.Pair.PodIndex);
        if (result.Ips.Exists(static ip => ip.Address.IsIPv6))
            call.Namespace!.Run(pod.PrepareIPv6);
        host.SetLink(port.Pair.HostIndex, new LinkChange { Alias = _tag.Alias(AddressesOf(result)) });
        pod.Configure(port.Inside, result, settings.DuplicateAddressDetection);
        if (settings.DuplicateAddressDetection && result.Ips.Exists(static ip => ip.Address.IsIPv6))
            call.Namespace!.Run(pod.WaitForDad);
    }

    /// <summary>IPAM's result with what the bridge adds: gateways, default routes, the interface's index, the configuration's DNS.</summary>
    private CniResult Complete(CniResult fromIpam)
    {
        CniResult result = new() { Dns = settings.Dns ?? fromIpam.Dns };
        foreach (CniIp ip in fromIpam.Ips)
        {
            if (ip.Gateway is { } gateway && gateway.IsIPv6 != ip.Address.IsIPv6)
                throw OfOtherFamily(gateway, ip.Address);
            result.Ips.Add(ip with
            {
                Interface = ContainerInterface,
                Gateway = ip.Gateway ?? (settings.IsGateway ? IpText.FromUInt128(ip.Address.Network.ToUInt128() + 1, ip.Address.IsIPv6) : null),
            });
        }
        if (fromIpam.Routes.Find(static route => !route.IsOfOneFamily) is { } mixed)
            throw OfOtherFamily(mixed.Gateway!, mixed.Destination);
        result.Routes.AddRange(fromIpam.Routes);
        if (settings.IsDefaultGateway)
            AddDefaultRoutes(result);
        return result;
    }

    private static CniException OfOtherFamily(System.Net.IPAddress gateway, IpPrefix of) => new(
        CniErrorCode.InvalidNetworkConfig, $"IPAM's result has the gateway {IpText.Format(gateway)} for {of}, which is of the other address family");

    /// <summary>One default route per family, unless IPAM has given one with a gateway of its own.</summary>
    private static void AddDefaultRoutes(CniResult result)
    {
        foreach (bool ipv6 in (bool[])[false, true])
        {
            CniIp? first = result.Ips.Find(ip => ip.Gateway is not null && ip.Address.IsIPv6 == ipv6);
            bool given = result.Routes.Exists(route => route.Destination.IsIPv6 == ipv6 && route.Destination.Length == 0 && route.Gateway is not null);
            if (first is not null && !given)
            {
                result.Routes.Add(new CniRoute
                {
                    Destination = new IpPrefix(IpText.FromUInt128(0, ipv6), 0),
                    Gateway = first.Gateway,
                });
            }
        }
    }

    /// <summary>A port forwards once its carrier is seen, which a kernel thread does after the pod's end is up (P19).</summary>
    private void WaitForPort(VethPair pair)
    {
        if (host.FindLink(pair.HostIndex) is { OperationalState: OperationalState.Up })
            return;
        using LinkMonitor monitor = LinkMonitor.Open();
        if (!monitor.WaitForLink(pair.HostIndex, static link => link.OperationalState == OperationalState.Up, PortTimeout))
            throw new CniException(CniErrorCode.TryAgainLater, $"bridge port {pair.HostName} did not come up within {PortTimeout.TotalSeconds} s");
    }

    /// <exception cref="CniException">An address of somebody else's is in the way.</exception>
    private GatewayAddresses PlanGateway(BridgeDevice bridge, CniResult result)
    {
        int? index = settings.Vlan == 0 ? bridge.Index : host.FindLink(settings.GatewayInterfaceName)?.Index;
        return GatewayAddresses.Plan(host, index, settings.GatewayInterfaceName, GatewayAddresses.Of(result.Ips), settings.ForceAddress);
    }

    private void EnableGateway(BridgeDevice bridge, GatewayAddresses addresses, CniResult result)
    {
        Forwarding.EnableFor(AddressesOf(result));
        if (settings.Vlan == 0)
        {
            if (addresses.Apply(host, bridge.Index))
                bridge.PinMac(host);
            return;
        }
        Link gateway = VlanGateway.Ensure(host, bridge, settings);
        _ = addresses.Apply(host, gateway.Index);
        result.Interfaces.Add(new CniInterface { Name = gateway.Name, Mac = gateway.Mac?.ToString() });
    }
}
