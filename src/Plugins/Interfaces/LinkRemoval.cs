using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces;

/// <summary>
/// The deletion of what connects an attachment. The kernel takes its time over a link (it waits until no packet in flight refers to
/// it, 10 ms and more), so that happens on a thread of its own.
/// </summary>
/// <param name="call">The DEL.</param>
/// <param name="tag">Of the attachment.</param>
/// <param name="kind">IFLA_INFO_KIND of the interface in the pod, null for any; only a veth has an end on the host.</param>
internal class LinkRemoval(CniInvocation call, AttachmentTag tag, string? kind) : IDisposable
{
    private RouteClient? _host;
    private BackgroundWork<bool>? _deletion;

    /// <summary>
    /// Begins with the pair that bears the attachment's name, or where there is none (another kind, or a plugin of another make did the
    /// ADD) with the interface in the pod.
    /// </summary>
    /// <returns>The addresses that the host end's alias tells.</returns>
    /// <exception cref="Netlink.NetlinkException">The kernel refused to look for it.</exception>
    public IReadOnlyList<IpPrefix> Begin()
    {
        RouteClient host = _host = RouteClient.Open();
        Link? hostEnd = kind == VethLink.Kind ? host.FindLink(tag.HostInterfaceName) : null;
        _deletion = BackgroundWork<bool>.Start(() => hostEnd is not null ? host.TryDeleteLink(hostEnd.Index) : Remove(host));
        return [.. AttachmentTag.AddressesIn(hostEnd?.Alias ?? "")];
    }

    /// <summary>Waits until the link is gone.</summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public void Complete() => _ = _deletion?.Join();

    /// <inheritdoc/>
    public virtual void Dispose() => _host?.Dispose();

    /// <summary>Takes the attachment's interface out of the pod.</summary>
    /// <param name="inside">The pod's links, on a thread that is in its namespace.</param>
    /// <param name="host">The host's links.</param>
    /// <returns>Whether there was one.</returns>
    protected virtual bool Remove(RouteClient inside, RouteClient host) =>
        inside.FindLink(call.IfName) is { } podEnd
            && (kind is null || podEnd.Kind == kind)
            && !tag.IsOfAnother(AliasOf(podEnd, host))
            && inside.TryDeleteLink(podEnd.Index);

    /// <summary>Takes the attachment's interface away, on a thread of its own that may stay where it goes.</summary>
    /// <param name="host">The host's links.</param>
    /// <returns>Whether there was one.</returns>
    protected virtual bool Remove(RouteClient host)
    {
        if (call.ForeignNamespace is not { } pod)
            return false;
        pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        // What an ADD left that was killed before its link had its name (PodLinkCreation).
        if (kind != VethLink.Kind)
            _ = inside.TryDeleteLink(tag.HostInterfaceName);
        return Remove(inside, host);
    }

    private string? AliasOf(Link podEnd, RouteClient host) => (kind == VethLink.Kind ? HostEnd.Find(host, podEnd) : podEnd)?.Alias;
}
