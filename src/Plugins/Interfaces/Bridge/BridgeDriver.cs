using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Bridge;

/// <summary>The link of <c>bridge</c>: the bridge, and a veth pair with its host end as a port.</summary>
/// <param name="settings">The configuration, checked.</param>
internal sealed class BridgeDriver(BridgeSettings settings) : IInterfaceDriver
{
    /// <inheritdoc/>
    public InterfaceSettings Pod => settings.Pod;

    /// <inheritdoc/>
    public IPodLink Create(LinkSite site)
    {
        BridgePort port = Attach(site);
        _ = Sysctl.TryWrite($"net/ipv6/conf/{port.Pair.HostName}/accept_ra", "0");
        return port;
    }

    /// <summary>Gateways that IPAM has not given, and default routes by them.</summary>
    public void Complete(CniResult result)
    {
        for (int i = 0; i < result.Ips.Count && settings.IsGateway; i++)
        {
            CniIp ip = result.Ips[i];
            // The second address of two may be another pod's, and one alone has no second.
            if (ip.Gateway is null && ip.Address.MaxLength - ip.Address.Length < 2)
                throw CniException.InvalidConfig(
                    $"isGateway is true, and {ip.Address} leaves no address for a gateway: set ipam.gateway, or use a larger subnet");
            result.Ips[i] = ip with { Gateway = ip.Gateway ?? IpText.FromUInt128(ip.Address.Network.ToUInt128() + 1, ip.Address.Family) };
        }
        if (settings.IsDefaultGateway)
            AddDefaultRoutes(result);
    }

    /// <inheritdoc/>
    public void Check(LinkCheck check)
    {
        Link bridge = check.Host.FindLink(settings.Bridge) ?? throw CniException.CheckFailed($"bridge {settings.Bridge} does not exist");
        if (bridge.Kind != "bridge")
            throw CniException.CheckFailed($"{bridge.Name} is no bridge but of kind {bridge.Kind ?? "physical"}");
        if (settings.Promiscuous && !bridge.Flags.HasFlag(LinkFlags.Promiscuous))
            throw CniException.CheckFailed($"bridge {bridge.Name} is not promiscuous");

        Link port = check.FindHostEnd();
        if (port.MasterIndex != bridge.Index)
            throw CniException.CheckFailed($"{port.Name}, the host end of {check.Call.IfName}, is not a port of bridge {bridge.Name}");
        if (settings.Hairpin && port.Port is not { Hairpin: true })
            throw CniException.CheckFailed($"bridge port {port.Name} is not in hairpin mode");
        if (settings.Isolated && port.Port is not { Isolated: true })
            throw CniException.CheckFailed($"bridge port {port.Name} is not isolated");
        BridgePortVlans.Check(check.Host, port, settings);
        if (settings.MacSpoofCheck)
            MacSpoofCheck.Check(check.Tag, port.Name, check.PodEnd.Mac ?? default);
        if (settings.Masquerade is { } masquerade)
            PodMasquerade.Check(check.Tag, masquerade, check.OwnAddresses(port));
    }

    private BridgePort Attach(LinkSite site)
    {
        RouteClient host = site.Host;
        using BridgeLock inUse = BridgeLock.Share(settings.Bridge);
        MacAddress mac = MacAddress.Random();
        site.Undo.Push($"delete bridge {settings.Bridge}", () => BridgeDevice.DeleteMade(host, settings.Bridge, mac));
        BridgeDevice bridge = BridgeDevice.Ensure(host, settings, inUse, mac);
        LinkChange port = new()
        {
            Master = bridge.Index,
            // A new port has neither.
            Hairpin = settings.Hairpin ? true : null,
            Isolated = settings.Isolated ? true : null,
        };
        // Before it is made: the kernel's answer may be lost.
        site.Undo.Push($"delete {site.Tag.HostInterfaceName}", () => VethPair.DeleteMade(site.Tag, site.Making));
        VethPair pair = VethPair.Create(
            host, site.Pod, site.Call.IfName, site.Tag, settings.Mac, settings.Mtu ?? bridge.Mtu, port, site.Making);
        BridgePortVlans.Apply(host, pair.HostIndex, settings);
        // The pod's end is down still.
        if (settings.MacSpoofCheck)
            MacSpoofCheck.Add(site.Tag, pair.HostName, pair.PodMac, site.Undo);
        return new BridgePort(site, settings, bridge, pair);
    }

    /// <summary>One default route per family, unless IPAM has given one with a gateway of its own.</summary>
    private static void AddDefaultRoutes(CniResult result)
    {
        foreach (IpFamily family in IpFamily.Both)
        {
            CniIp? first = result.Ips.Find(ip => ip.Gateway is not null && ip.Address.Family == family);
            bool given = result.Routes.Exists(
                route => route.Destination.Family == family && route.Destination.Length == 0 && route.Gateway is not null);
            if (first is not null && !given)
            {
                result.Routes.Add(new CniRoute
                {
                    Destination = new IpPrefix(IpText.FromUInt128(0, family), 0),
                    Gateway = first.Gateway,
                });
            }
        }
    }
}
