using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>One ADD of <c>bridge</c>, step by step.</summary>
/// <param name="call">Whose ADD it is.</param>
/// <param name="settings">Its configuration, checked.</param>
/// <param name="undo">Takes back what was done if a later step fails.</param>
internal sealed class BridgeAttachment(CniInvocation call, BridgeSettings settings, UndoStack undo) : IDisposable
{
    // Behind the bridge and the host end (cni-protocol.md 2.1).
    private const int ContainerInterface = 2;

    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(3);

    private readonly AttachmentTag _tag = new(call.Network, call.ContainerId, call.IfName);
    private readonly VethInTheMaking _making = new();
    private readonly RouteClient _host = RouteClient.Open();

    /// <summary>Attaches the pod.</summary>
    /// <remarks>
    /// What pods share (the gateway's addresses) comes last: nothing that can fail stands behind it, so a failed ADD need not guess
    /// whether another pod relies on it by now.
    /// </remarks>
    public CniResult Add()
    {
        IpamAllocation? allocation = settings.IpamType is null ? null : IpamAllocation.Begin(call, settings.IpamType, _making, undo);
        (BridgeDevice bridge, VethPair pair) = AttachPort();
        CniResult result = call.Namespace!.Run(() => ConfigurePod(pair, allocation));
        if (settings.Masquerade)
            PodMasquerade.Add(_tag, [.. result.Ips.Select(static ip => ip.Address)], undo);
        if (!settings.ContainerInterfaceDown)
            WaitForPort(pair);

        result.Interfaces.AddRange(
        [
            new CniInterface { Name = bridge.Name, Mac = bridge.Mac.ToString() },
            new CniInterface { Name = pair.HostName, Mac = pair.HostMac.ToString() },
            new CniInterface { Name = call.IfName, Mac = pair.PodMac.ToString(), Sandbox = call.NetNS, Mtu = (uint)pair.Mtu },
        ]);
        if (settings.IsGateway && result.Ips.Count > 0)
            EnableGateway(bridge, result);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    private (BridgeDevice Bridge, VethPair Pair) AttachPort()
    {
        using FileLock inUse = BridgeLock.Share(settings.Bridge);
        BridgeDevice bridge = BridgeDevice.Ensure(_host, settings);
        if (bridge.WasCreated)
        {
            undo.Push($"delete bridge {bridge.Name}", () =>
            {
                using FileLock alone = BridgeLock.Own(bridge.Name);
                bridge.DeleteIfUnused(_host);
            });
        }
        LinkChange port = new()
        {
            Master = bridge.Index,
            // A new port has neither.
            Hairpin = settings.Hairpin ? true : null,
            Isolated = settings.Isolated ? true : null,
        };
        VethPair pair = VethPair.Create(
            _host, call.Namespace!, call.IfName, _tag, settings.Mac, settings.Mtu ?? bridge.Mtu, port, _making);
        undo.Push($"delete {pair.HostName}", () => pair.Delete(_host));
        // It was the reference's way, too: a router's announcements to the bridge are not for its ports.
        _ = Sysctl.TryWrite($"net/ipv6/conf/{pair.HostName}/accept_ra", "0");
        PortVlans.Apply(_host, pair.HostIndex, settings);
        return (bridge, pair);
    }

    /// <summary>Runs on a thread inside the pod's namespace, since settings under /proc/sys belong to the thread's.</summary>
    private CniResult ConfigurePod(VethPair pair, IpamAllocation? allocation)
    {
        PodInterface pod = new(call.IfName, pair.PodIndex);
        if (allocation is not null)
            pod.Prepare(settings.DuplicateAddressDetection);
        using RouteClient inside = RouteClient.Open();
        if (allocation is null)
        {
            if (!settings.ContainerInterfaceDown)
                inside.SetLink(pod.Index, new LinkChange { Up = true });
            return new CniResult();
        }
        CniResult result = Complete(allocation.Complete(undo));
        if (result.Ips.Exists(static ip => ip.Address.IsIPv6))
            pod.PrepareIPv6();
        _host.SetLink(pair.HostIndex, new LinkChange { Alias = _tag.Alias(result.Ips.Select(static ip => ip.Address)) });
        pod.Configure(inside, result, settings.DuplicateAddressDetection);
        return result;
    }

    /// <summary>IPAM's result with what the bridge adds: gateways, default routes, the interface's index, the configuration's DNS.</summary>
    private CniResult Complete(CniResult fromIpam)
    {
        CniResult result = new() { Dns = settings.Dns ?? fromIpam.Dns };
        foreach (CniIp ip in fromIpam.Ips)
        {
            result.Ips.Add(ip with
            {
                Interface = ContainerInterface,
                Gateway = ip.Gateway ?? (settings.IsGateway ? IpText.FromUInt128(ip.Address.Network.ToUInt128() + 1, ip.Address.IsIPv6) : null),
            });
        }
        result.Routes.AddRange(fromIpam.Routes);
        if (settings.IsDefaultGateway)
            AddDefaultRoutes(result);
        return result;
    }

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
        if (_host.FindLink(pair.HostIndex) is { OperationalState: OperationalState.Up })
            return;
        using LinkMonitor monitor = LinkMonitor.Open();
        if (!monitor.WaitForLink(pair.HostIndex, static link => link.OperationalState == OperationalState.Up, PortTimeout))
            throw new CniException(CniErrorCode.TryAgainLater, $"bridge port {pair.HostName} did not come up within {PortTimeout.TotalSeconds} s");
    }

    private void EnableGateway(BridgeDevice bridge, CniResult result)
    {
        Forwarding.EnableFor([.. result.Ips.Select(static ip => ip.Address)]);
        if (settings.Vlan == 0)
        {
            GatewayAddresses.Ensure(_host, bridge.Index, bridge.Name, GatewayAddresses.Of(result.Ips), settings.ForceAddress);
            return;
        }
        Link gateway = VlanGateway.Ensure(_host, bridge, settings);
        GatewayAddresses.Ensure(_host, gateway.Index, gateway.Name, GatewayAddresses.Of(result.Ips), settings.ForceAddress);
        result.Interfaces.Add(new CniInterface { Name = gateway.Name, Mac = gateway.Mac?.ToString() });
    }
}
