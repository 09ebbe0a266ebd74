using Cni;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.Bridge;

/// <summary>The VLANs of a bridge port.</summary>
internal static class BridgePortVlans
{
    // What every port of a new bridge is in (IFLA_BR_VLAN_DEFAULT_PVID).
    private const int DefaultVlan = 1;

    /// <summary>Puts a new port into its VLANs, and takes it out of the others unless the default one is to stay.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Apply(RouteClient host, int port, BridgeSettings settings)
    {
        BridgeVlanRange[] wanted = Wanted(settings);
        if (wanted.Length == 0)
            return;
        RouteBatch batch = new();
        if (!settings.PreserveDefaultVlan)
        {
            foreach (BridgeVlanRange present in VlansOf(host, port))
                batch.DeleteBridgeVlans(port, [new BridgeVlanRange(present.First, present.Last)]);
        }
        batch.AddBridgeVlans(port, wanted);
        host.Execute(batch);
    }

    /// <summary>Finds out whether a port is in the VLANs that the configuration names.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names the VLAN.</exception>
    public static void Check(RouteClient host, Link port, BridgeSettings settings)
    {
        BridgeVlanRange[] wanted = Wanted(settings);
        if (wanted.Length == 0)
            return;
        // It may stand in the trunk, too.
        int own = wanted[^1].First;
        IReadOnlyList<BridgeVlanRange> present = VlansOf(host, port.Index);
        foreach (BridgeVlanRange vlan in wanted)
        {
            for (int id = vlan.First; id <= vlan.Last; id++)
            {
                bool isOwn = id == own;
                if (!present.Any(range => range.First <= id && id <= range.Last && range.IsPvid == isOwn && range.IsUntagged == isOwn))
                {
                    throw CniException.CheckFailed(
                        $"bridge port {port.Name} is not in VLAN {id} as {(isOwn ? "its own, untagged" : "tagged")}");
                }
            }
        }
    }

    private static IReadOnlyList<BridgeVlanRange> VlansOf(RouteClient host, int port) =>
        host.ListBridgeVlans().Find(vlans => vlans.LinkIndex == port)?.Ranges ?? [];

    /// <summary>A trunk without a VLAN of its own keeps the default VLAN for what comes untagged.</summary>
    private static BridgeVlanRange[] Wanted(BridgeSettings settings)
    {
        if (settings.Vlan == 0 && settings.Trunk.Count == 0)
            return [];
        int own = settings.Vlan == 0 ? DefaultVlan : settings.Vlan;
        return
        [
            // The port's own VLAN last: named again in the trunk it would lose its flags.
            .. settings.Trunk.Select(static range => new BridgeVlanRange(range.First, range.Last)),
            BridgeVlanRange.Untagged(own),
        ];
    }
}
