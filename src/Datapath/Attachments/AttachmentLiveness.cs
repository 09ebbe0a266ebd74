using Ipam;
using Linux;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;

namespace Datapath.Attachments;

/// <summary>
/// The one judge of life, for leases, links and elements of sets. What cannot be decided is alive, since an address or a port that two have
/// is worse than one that nobody gets (docs/design.md, "Alive or dead"). The kernel is asked, never what a pod shows: an interface may have
/// been renamed, moved, flushed or not yet made.
/// </summary>
/// <param name="exists">
/// Whether a network namespace with a cookie exists, null if that cannot be told; by default all of the machine are looked at.
/// </param>
public sealed class AttachmentLiveness(Func<ulong, bool?>? exists = null)
{
    private NamespaceCensus? _census;

    /// <summary>
    /// Whether a host end leads to a pod: to a namespace that exists, if only for a process that still runs in it. The kernel gives no
    /// number to the namespace of the other end once that is being torn down.
    /// </summary>
    public static bool LeadsToPod(Link? hostEnd) => hostEnd is { PeerNamespaceId: not < 0 };

    /// <summary>What is known of the attachment that an element's comment names: whether it is dead, beyond doubt.</summary>
    /// <param name="comment">One without a tag is nobody's.</param>
    public Liveness OfComment(string comment)
    {
        if (AttachmentTag.Find(comment) is not { } tag)
            return Liveness.Dead;
        using (RouteClient host = RouteClient.Open())
        {
            if (LeadsToPod(host.FindLink(AttachmentTag.HostInterfaceNameOf(tag))))
                return Liveness.Alive;
        }
        if (OfNamespace(AttachmentTag.NamespaceIn(comment)) is { } told)
            return told;
        // Of an attachment that another plugin made, or an earlier version of ours.
        return AttachmentTag.NamesIn(comment) is var (network, containerId, ifName)
            && CachedResult.TryFind(network, containerId, ifName) is { HasNamespace: true }
            ? Liveness.Alive
            : Liveness.Dead;
    }

    /// <summary>
    /// Whether a network namespace exists, wherever; null if that cannot be told. All namespaces of the machine are looked at, at most
    /// once, so what is asked about must have been read before.
    /// </summary>
    /// <param name="cookie">Its number; 0 if it is unknown.</param>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public Liveness? OfNamespace(ulong cookie)
    {
        if (cookie == 0)
            return null;
        return (exists ?? IsFound)(cookie) switch
        {
            true => Liveness.Alive,
            false => Liveness.Dead,
            null => null,
        };
    }

    private bool? IsFound(ulong cookie) => (_census ??= NamespaceCensus.Take()).Contains(cookie);
}
