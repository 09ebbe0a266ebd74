using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Bandwidth;

/// <summary>
/// Finds the host end of the pod's veth pair: what leaves by it, the pod receives, and what enters by it, the pod has sent.
/// </summary>
internal static class ShapedInterface
{
    /// <summary>The host end, for ADD and CHECK.</summary>
    /// <param name="call">The ADD or CHECK.</param>
    /// <param name="result">Its prevResult, in which the host end must stand.</param>
    /// <param name="tag">Of the attachment.</param>
    /// <param name="host">The host's links.</param>
    /// <exception cref="CniException">The interface in the pod is no veth, or its other end is none of the prevResult's.</exception>
    public static Link Find(CniInvocation call, CniResult result, AttachmentTag tag, RouteClient host)
    {
        string[] onHost =
        [
            .. result.Interfaces.Where(static candidate => candidate.Sandbox is null).Select(static candidate => candidate.Name),
        ];
        // A link of ours need not be looked for in the pod.
        if (onHost.Contains(tag.HostInterfaceName) && host.FindLink(tag.HostInterfaceName) is { } own && tag.IsIn(own.Alias))
            return own;
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        Link podEnd = pod.FindLink(call.IfName) ?? throw Unusable(call, $"interface {call.IfName} does not exist in {call.NetNS}");
        if (podEnd.Kind != VethLink.Kind)
        {
            throw new CniException(
                CniErrorCode.UnsupportedField,
                $"a rate is set, but interface {call.IfName} is no veth but of kind {podEnd.Kind ?? "physical"}, which has no host end to "
                + "shape: "
                + "use bandwidth behind bridge or ptp, or remove its rates");
        }
        if (HostEnd.Find(host, podEnd) is not { } hostEnd)
            throw Unusable(call, $"the other end of {call.IfName} is not in the host's network namespace, where alone it can be shaped");
        return onHost.Contains(hostEnd.Name)
            ? hostEnd
            : throw Unusable(call, $"{hostEnd.Name}, the host end of {call.IfName}, is not among prevResult.interfaces without sandbox");
    }

    /// <summary>The host end, for DEL: by the attachment's name, or where another plugin named it, by the interface in the pod.</summary>
    /// <returns>Null if the link is gone.</returns>
    public static Link? TryFind(CniInvocation call, AttachmentTag tag, RouteClient host)
    {
        if (host.FindLink(tag.HostInterfaceName) is { } own)
            return own;
        if (call.ForeignNamespace is not { } networkNamespace)
            return null;
        using RouteClient pod = RouteClient.Open(networkNamespace);
        return pod.FindLink(call.IfName) is { } podEnd && HostEnd.Find(host, podEnd) is { } hostEnd && !tag.IsOfAnother(hostEnd.Alias)
            ? hostEnd
            : null;
    }

    private static CniException Unusable(CniInvocation call, string message) =>
        new(call.Verb == CniVerb.Check ? CniErrorCode.CheckFailed : CniErrorCode.InvalidNetworkConfig, message);
}
