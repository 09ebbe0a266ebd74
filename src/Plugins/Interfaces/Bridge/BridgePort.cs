using Cni;
using Datapath.Attachments;
using Datapath.Node;
using Linux.Addresses;
using Netlink.Route.Links;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Bridge;

/// <summary>A pod's place on a bridge.</summary>
/// <param name="site">Where it was made.</param>
/// <param name="settings">The configuration, checked.</param>
/// <param name="bridge">The bridge.</param>
/// <param name="pair">The veth pair; its host end is the port.</param>
internal sealed class BridgePort(LinkSite site, BridgeSettings settings, BridgeDevice bridge, VethPair pair) : IPodLink
{
    private static readonly TimeSpan s_portTimeout = TimeSpan.FromSeconds(3);

    private GatewayAddresses? _gateway;

    public VethPair Pair => pair;

    /// <inheritdoc/>
    public int Index => pair.PodIndex;

    /// <inheritdoc/>
    public MacAddress Mac => pair.PodMac;

    /// <inheritdoc/>
    public int Mtu => pair.Mtu;

    /// <summary>A port forwards no frame before its carrier is seen.</summary>
    public bool IsDeafAtFirst => true;

    /// <summary>Bridge and host end, in this order.</summary>
    public IReadOnlyList<CniInterface> HostInterfaces =>
        [new CniInterface { Name = bridge.Name, Mac = bridge.Mac.ToString() }, pair.HostInterface];

    /// <exception cref="CniException">An address of somebody else's is in the gateway's way.</exception>
    public void Plan(CniResult result)
    {
        if (!settings.IsGateway || result.Ips.Count == 0)
            return;
        int? index = settings.Vlan == 0 ? bridge.Index : site.Host.FindLink(settings.GatewayInterfaceName)?.Index;
        _gateway = GatewayAddresses.Plan(
            site.Host, index, settings.GatewayInterfaceName, GatewayAddresses.Of(result.Ips), settings.ForceAddress);
    }

    /// <inheritdoc/>
    public void Mark(IReadOnlyList<IpPrefix> addresses) => pair.Mark(site.Host, site.Tag, addresses);

    /// <inheritdoc/>
    public void Publish(CniResult result, UndoStack undo)
    {
        if (settings.Masquerade is { } masquerade)
            PodMasquerade.Add(site.Tag, masquerade, result.Addresses, undo);
        if (!settings.Pod.StaysDown)
            WaitForPort();
        if (_gateway is { } gateway)
            EnableGateway(gateway, result);
    }

    /// <summary>
    /// A port forwards once its carrier is seen, which a kernel thread does after the pod's end is up (linkwatch_event,
    /// net/core/link_watch.c).
    /// </summary>
    private void WaitForPort()
    {
        if (site.Host.FindLink(pair.HostIndex) is { OperationalState: OperationalState.Up })
            return;
        using LinkMonitor monitor = LinkMonitor.Open();
        if (!monitor.WaitForLink(pair.HostIndex, static link => link.OperationalState == OperationalState.Up, s_portTimeout))
        {
            throw new CniException(
                CniErrorCode.TryAgainLater, $"bridge port {pair.HostName} did not come up within {s_portTimeout.TotalSeconds} s");
        }
    }

    private void EnableGateway(GatewayAddresses addresses, CniResult result)
    {
        Forwarding.EnableFor(result.Addresses);
        if (settings.Vlan == 0)
        {
            addresses.Apply(site.Host, bridge.Index);
            return;
        }
        Link gateway = VlanGateway.Ensure(site.Host, bridge, settings);
        addresses.Apply(site.Host, gateway.Index);
        result.Interfaces.Add(new CniInterface { Name = gateway.Name, Mac = gateway.Mac?.ToString() });
    }
}
