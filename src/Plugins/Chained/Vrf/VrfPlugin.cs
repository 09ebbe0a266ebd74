using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Files;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Plugins.Chained.Vrf;

/// <summary>
/// <c>vrf</c>: makes an interface belong to a VRF of its pod, with its routes in the VRF's table. Keys and their meaning: docs/vrf.md. All
/// of it lives in the pod's namespace.
/// </summary>
public sealed class VrfPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "vrf";

    /// <summary>As the reference's plugin: from 0.3.1 on.</summary>
    public override IReadOnlyList<string> SupportedVersions => CniVersions.From("0.3.1");

    /// <summary>
    /// Takes the interface out of its VRF, and deletes a VRF that nothing belongs to any more. The interface's own VRF counts, whatever the
    /// configuration says by now.
    /// </summary>
    public override void Del(CniInvocation call)
    {
        if (call.ForeignNamespace is not { } target)
            return;
        using FileLock held = PodLock.Take(target);
        using RouteClient pod = RouteClient.Open(target);
        Link? link = pod.FindLink(call.IfName);
        Link? own = VrfOf(pod, link);
        if (own is not null)
        {
            // ENODEV: it has just gone, and that is all that is wanted.
            pod.SetLink(link!.Index, new LinkChange { Master = 0 }, tolerate: Errno.ENODEV);
            VrfDevice.DeleteIfUnused(pod, own);
        }
        if (VrfConfig.TryReadName(call) is { } name && name != own?.Name && pod.FindLink(name) is { Kind: VrfLink.Kind } named)
            VrfDevice.DeleteIfUnused(pod, named);
    }

    /// <summary>Nothing of an ADD lives outside the pod's namespace.</summary>
    public override void Gc(CniInvocation call)
    {
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo) =>
        new VrfAttachment(call, VrfSettings.Read(call)).Make(undo);

    private protected override void Compare(CniInvocation call, CniResult result)
    {
        VrfSettings settings = VrfSettings.Read(call);
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        Link link = ChainedInterface.Require(pod, call);
        Link vrf = pod.FindLink(settings.Name) ?? throw CniException.CheckFailed($"VRF {settings.Name} does not exist in {call.NetNS}");
        if (vrf.Kind != VrfLink.Kind)
            throw CniException.CheckFailed($"{settings.Name} is no VRF but of kind {vrf.Kind ?? "physical"}");
        if (settings.Table is { } table && vrf.VrfTable != table)
            throw CniException.CheckFailed($"VRF {settings.Name} has table {vrf.VrfTable}, wanted {table}");
        if (link.MasterIndex != vrf.Index)
        {
            string owner = link.MasterIndex is { } other ? pod.FindLink(other)?.Name ?? "another" : "none";
            throw CniException.CheckFailed($"interface {call.IfName} does not belong to VRF {settings.Name} but to {owner}");
        }
        List<RouteSpec> present = pod.ListRoutes(new RouteFilter { Table = vrf.VrfTable });
        foreach (CniRoute route in result.Routes.Where(static route => route.Table is null or (int)RouteTable.Main))
        {
            if (!present.Exists(candidate => candidate.Destination == route.Destination.Masked))
                throw CniException.CheckFailed($"table {vrf.VrfTable} of VRF {settings.Name} has no route to {route.Destination}");
        }
    }

    private static Link? VrfOf(RouteClient pod, Link? link) =>
        link?.MasterIndex is { } master && pod.FindLink(master) is { Kind: VrfLink.Kind } vrf ? vrf : null;
}
