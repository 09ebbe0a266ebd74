using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Namespaces;
using Netlink.Route;

namespace Plugins.Interfaces;

/// <summary>Where an ADD makes its link.</summary>
/// <param name="Call">The ADD.</param>
/// <param name="Tag">Names what it makes.</param>
/// <param name="Host">The host's links; nobody else uses them meanwhile, and they outlive the undoing.</param>
/// <param name="Making">Is told which link this is before it exists, if it has an end on the host.</param>
/// <param name="Undo">Takes the steps back; on another thread, so never from inside the pod's namespace.</param>
internal sealed record LinkSite(CniInvocation Call, AttachmentTag Tag, RouteClient Host, PendingVeth Making, UndoStack Undo)
{
    /// <summary>The pod's namespace.</summary>
    public NetworkNamespace Pod => Call.Namespace!;
}
