using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.Bridge;

/// <summary>
/// The host's foot in one VLAN of a bridge: a veth pair on the host, <c>bridge.vlan</c>, whose other end is a port of the bridge with the
/// VLAN as its untagged one. It is shared by the pods of the VLAN and stays, like the bridge.
/// </summary>
internal static class VlanGateway
{
    private const int PortNameDigits = 11;

    // In the place of a network's name in the port's tag; no network can have it, so no GC takes the port for a pod's.
    private const string NoNetwork = "/gateway";

    /// <summary>Finds or makes the pair.</summary>
    /// <returns>The end that takes the gateway's addresses.</returns>
    /// <exception cref="CniException">The name belongs to an interface that is no veth.</exception>
    public static Link Ensure(RouteClient host, BridgeDevice bridge, BridgeSettings settings)
    {
        string name = settings.GatewayInterfaceName;
        // A name of its own for the port, from what it belongs to, so that two ADDs at once make one pair.
        string portName = $"veth{Sha512.HexPrefix(PortNameDigits, "gateway", name)}";
        VethSpec pair = new()
        {
            Name = name,
            Mac = MacAddress.Random(),
            Mtu = bridge.Mtu,
            Up = true,
            Peer = new VethPeer { Name = portName, Mtu = bridge.Mtu },
        };
        if (host.FindLink(name) is null)
            host.CreateLink(pair, tolerate: Errno.EEXIST);
        Link gateway = host.FindLink(name)
            ?? throw new CniException(CniErrorCode.TryAgainLater, $"the gateway interface {name} was deleted as soon as it was made");
        if (HostEnd.Find(host, gateway) is not { } port)
        {
            throw CniException.InvalidConfig(
                $"bridge is \"{bridge.Name}\" and vlan is {settings.Vlan}, but {name} exists and is no veth of this plugin; delete or "
                + "rename it");
        }
        if (port.MasterIndex != bridge.Index)
            Enslave(host, bridge, port, settings);
        if (!gateway.IsUp)
            host.SetLink(gateway.Index, new LinkChange { Up = true });
        return gateway;
    }

    private static void Enslave(RouteClient host, BridgeDevice bridge, Link port, BridgeSettings settings)
    {
        _ = Sysctl.TryWrite($"net/ipv6/conf/{port.Name}/accept_ra", "0");
        host.SetLink(port.Index, new LinkChange
        {
            Master = bridge.Index,
            Up = true,
            // Marked as this plugin's, so that the bridge counts as ours (BridgeDevice).
            Alias = new AttachmentTag(NoNetwork, bridge.Name, settings.GatewayInterfaceName).Alias([]),
        });
        BridgePortVlans.Apply(host, port.Index, settings with { Trunk = [] });
    }
}
