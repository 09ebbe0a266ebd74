using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Route;

namespace Plugins.Interfaces.Bridge;

/// <summary>A bridge that is made before its first pod comes.</summary>
/// <param name="settings">The configuration, checked.</param>
/// <param name="first">The addresses that the first pod would get, with gateways.</param>
internal sealed class BridgePreparation(BridgeSettings settings, CniResult first)
{
    private BridgeDevice? _bridge;
    private GatewayAddresses? _gateway;

    /// <summary>Makes the bridge, and finds out whether its gateways can be had.</summary>
    /// <exception cref="CniException">The name or an address is in the way.</exception>
    public void MakeBridge(RouteClient host, UndoStack undo)
    {
        using BridgeLock inUse = BridgeLock.Share(settings.Bridge);
        MacAddress mac = MacAddress.Random();
        undo.Push($"delete bridge {settings.Bridge}", () =>
        {
            using RouteClient again = RouteClient.Open();
            BridgeDevice.DeleteMade(again, settings.Bridge, mac);
        });
        _bridge = BridgeDevice.Ensure(host, settings, inUse, mac);
        if (!settings.IsGateway)
            return;
        int? index = settings.Vlan == 0 ? _bridge.Index : host.FindLink(settings.GatewayInterfaceName)?.Index;
        _gateway = GatewayAddresses.Plan(host, index, settings.GatewayInterfaceName, GatewayAddresses.Of(first.Ips), settings.ForceAddress);
    }

    /// <summary>Gives it the gateways' addresses.</summary>
    /// <returns>The bridge in words.</returns>
    public string MakeGateway(RouteClient host)
    {
        if (_gateway is null)
            return $"bridge {settings.Bridge}";
        int index = settings.Vlan == 0 ? _bridge!.Index : VlanGateway.Ensure(host, _bridge!, settings).Index;
        _gateway.Apply(host, index);
        return first.Ips.Count == 0
            ? $"bridge {settings.Bridge}, whose gateways the ipam plugin tells with the first pod"
            : $"bridge {settings.Bridge} with {string.Join(", ", GatewayAddresses.Of(first.Ips))} on {settings.GatewayInterfaceName}";
    }
}
