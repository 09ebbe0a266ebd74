using Cni;
using Datapath.Attachments;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Portmap;

/// <summary>
/// Lets a pod reach its own published ports where br_netfilter shows bridged frames to nftables: the destination is rewritten while the
/// frame is still in the bridge, which then sends it to the pod's address itself (br_nf_pre_routing_finish,
/// net/bridge/br_netfilter_hooks.c), and back out of the port by which it came only in hairpin mode.
/// </summary>
internal static class BridgePortHairpin
{
    /// <summary>Switches hairpin mode on for the bridge ports of a result. It ends with the port, at the latest.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="result">Tells the pod's interfaces on the host.</param>
    /// <param name="undo">Switches it off again.</param>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public static void EnableWhereNeeded(RouteClient host, CniResult result, UndoStack undo)
    {
        if (Sysctl.TryRead("net/bridge/bridge-nf-call-iptables") != "1" && Sysctl.TryRead("net/bridge/bridge-nf-call-ip6tables") != "1")
            return;
        foreach (CniInterface candidate in result.Interfaces.Where(static candidate => candidate.Sandbox is null))
        {
            if (host.FindLink(candidate.Name) is not { Port: { Hairpin: false } } port)
                continue;
            host.SetLink(port.Index, new LinkChange { Hairpin = true });
            undo.Push($"switch hairpin mode of {port.Name} off", () =>
            {
                using RouteClient again = RouteClient.Open();
                again.SetLink(port.Index, new LinkChange { Hairpin = false });
            });
        }
    }
}
