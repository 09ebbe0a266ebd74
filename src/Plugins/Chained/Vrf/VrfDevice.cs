using Cni;
using Datapath.Attachments;
using Linux;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Plugins.Chained.Vrf;

/// <summary>The VRF of a pod that several of its interfaces may belong to: made by the first, deleted with the last.</summary>
internal static class VrfDevice
{
    // As the reference: the lowest number that nobody uses.
    private const uint FirstTable = 1;

    /// <summary>Finds the VRF, or makes it; switched on.</summary>
    /// <exception cref="CniException">The name or the table is taken.</exception>
    public static Link Ensure(
        RouteClient pod, VrfSettings settings, IReadOnlyList<RouteSpec> routes, UndoStack undo, Func<RouteClient> reopen)
    {
        if (pod.FindLink(settings.Name) is { } existing)
        {
            if (existing.Kind != VrfLink.Kind)
            {
                throw CniException.InvalidConfig(
                    $"vrfname is \"{settings.Name}\", but that interface is no VRF but of kind {existing.Kind ?? "physical"}; use another "
                    + "name");
            }
            if (settings.Table is { } wanted && wanted != existing.VrfTable)
            {
                throw CniException.InvalidConfig(
                    $"table is {wanted}, but VRF {settings.Name} has table {existing.VrfTable}; use that, or 0");
            }
            if (!existing.IsUp)
                pod.SetLink(existing.Index, new LinkChange { Up = true });
            return existing;
        }
        uint table = ChooseTable(pod, settings, routes);
        undo.Push($"delete VRF {settings.Name}", () =>
        {
            using RouteClient client = reopen();
            if (client.FindLink(settings.Name) is { Kind: VrfLink.Kind } made)
                DeleteIfUnused(client, made);
        });
        Create(pod, new VrfSpec { Name = settings.Name, Table = table, Up = true });
        return pod.FindLink(settings.Name)!;
    }

    /// <summary>Deletes a VRF that no interface belongs to.</summary>
    public static void DeleteIfUnused(RouteClient pod, Link vrf)
    {
        if (pod.ListLinks(master: vrf.Index).Count == 0)
            _ = pod.TryDeleteLink(vrf.Index);
    }

    private static void Create(RouteClient pod, VrfSpec vrf)
    {
        try
        {
            pod.CreateLink(vrf);
        }
        catch (NetlinkException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            throw new CniException(CniErrorCode.UnsupportedField,
                $"vrfname is \"{vrf.Name}\", but this kernel has no VRF; load its module (modprobe vrf), or take vrf out of the network",
                inner: e);
        }
    }

    private static uint ChooseTable(RouteClient pod, VrfSettings settings, IReadOnlyList<RouteSpec> routes)
    {
        List<Link> others = pod.ListLinks(VrfLink.Kind);
        if (settings.Table is { } wanted)
        {
            return others.Find(other => other.VrfTable == wanted) is { } owner
                ? throw CniException.InvalidConfig(
                    $"table is {wanted}, which is that of VRF {owner.Name}; use another number, or 0 for a free one")
                : wanted;
        }
        RoutingTables tables = new(pod.ListRules(), routes);
        foreach (Link other in others)
            tables.Use(other.VrfTable ?? 0);
        return tables.TakeFree(FirstTable);
    }
}
