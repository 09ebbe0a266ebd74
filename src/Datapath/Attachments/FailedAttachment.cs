using Cni;
using Linux;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Datapath.Attachments;

/// <summary>
/// An attachment of which a later plugin's ADD has failed. Its interface stands until DEL, but some runtimes (Nomad) try the whole ADD
/// again without one. So the failing plugin says on the interface that the container never had it, by an alternative name that goes with
/// it.
/// </summary>
public static class FailedAttachment
{
    /// <summary>
    /// Marks the interface that a plugin of ours has made for this ADD, if one has. That it cannot be marked is a warning.
    /// </summary>
    public static void Mark(CniInvocation call)
    {
        AttachmentTag tag = TagOf(call);
        try
        {
            _ = Visit(call, tag, (links, link) =>
            {
                links.Execute(new RouteBatch().AddAlternativeNames(link.Index, [NameOf(tag)], tolerate: Errno.EEXIST));
                return true;
            });
        }
        catch (Exception e) when (e is NetlinkException or LinuxException)
        {
            call.Warn($"{call.IfName} is not marked as failed, so an ADD without a DEL before it will be refused: {e.Message}");
        }
    }

    /// <summary>Whether the attachment of an ADD stands and is a failed one.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static bool IsFound(CniInvocation call)
    {
        AttachmentTag tag = TagOf(call);
        return Visit(call, tag, (_, link) => link.AlternativeNames.Contains(NameOf(tag)));
    }

    /// <summary>Goes to the end on the host, or where the kind has none to the interface in the pod.</summary>
    private static bool Visit(CniInvocation call, AttachmentTag tag, Func<RouteClient, Link, bool> visit)
    {
        using (RouteClient host = RouteClient.Open())
        {
            if (host.FindLink(tag.HostInterfaceName) is { } hostEnd && tag.IsIn(hostEnd.Alias))
                return visit(host, hostEnd);
        }
        if (call.ForeignNamespace is not { } pod)
            return false;
        using RouteClient inside = RouteClient.Open(pod);
        return inside.FindLink(call.IfName) is { } podEnd && tag.IsIn(podEnd.Alias) && visit(inside, podEnd);
    }

    private static string NameOf(AttachmentTag tag) => $"failed_{tag.Text}";

    private static AttachmentTag TagOf(CniInvocation call) => new(call.Network, call.ContainerId, call.IfName);
}
