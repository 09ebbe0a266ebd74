using Cni;
using Datapath.Attachments;
using Datapath.Endpoints;
using Datapath.Links;
using Linux;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Endpoint;

/// <summary>The end of the pod's cable on the node, at which the gate is.</summary>
internal static class EndpointHostEnd
{
    /// <summary>Finds it; null if the interface is no veth, or its other end is not on the node.</summary>
    /// <param name="call">An ADD or CHECK.</param>
    /// <param name="host">The node's links.</param>
    /// <exception cref="CniException">The pod has no such interface.</exception>
    public static Link? Find(CniInvocation call, RouteClient host)
    {
        AttachmentTag tag = new(call);
        // A link of ours need not be looked for in the pod.
        if (host.FindLink(tag.HostInterfaceName) is { } own && tag.IsIn(own.Alias))
            return own;
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        return HostEnd.Find(host, ChainedInterface.Require(pod, call));
    }

    /// <summary>Puts it behind the gate.</summary>
    /// <exception cref="CniException">There is none, so nothing could hold the pod's traffic back.</exception>
    public static void Guard(CniInvocation call, RouteClient host, Link? hostEnd, UndoStack undo)
    {
        if (hostEnd is null)
        {
            throw new CniException(
                CniErrorCode.UnsupportedField,
                $"gate is true, but interface {call.IfName} has no end on the node at which traffic could wait for a policy: "
                + "use endpoint behind ptp or bridge, or remove gate");
        }
        if (hostEnd.Group == EndpointGate.LinkGroup)
            return;
        undo.Push($"put {hostEnd.Name} back into group {hostEnd.Group}", () => Leave(hostEnd));
        host.SetLink(hostEnd.Index, new LinkChange { Group = EndpointGate.LinkGroup });
    }

    private static void Leave(Link hostEnd)
    {
        using RouteClient host = RouteClient.Open();
        host.SetLink(hostEnd.Index, new LinkChange { Group = hostEnd.Group }, tolerate: Errno.ENODEV);
    }
}
