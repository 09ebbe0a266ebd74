using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;

namespace Plugins.Chained.Bandwidth;

/// <summary>
/// Token buckets on both ways of an attachment. What the pod receives leaves the host end by its root qdisc. What it sends enters the
/// host end, where nothing can be queued: a filter redirects it to an interface of its own (ifb), whose root qdisc shapes it.
/// </summary>
/// <param name="host">The host's links.</param>
/// <param name="tag">Of the attachment.</param>
internal sealed class TrafficShaper(RouteClient host, AttachmentTag tag)
{
    // What the alias of an ifb says if the ingress qdisc was made together with it.
    private const string WithIngress = "ingress";

    private const string BucketKind = "tbf";

    // Both are the reference's; there are no classes that the second could name.
    private static readonly TcHandle s_bucket = new(1, 0);
    private static readonly TcHandle s_class = new(1, 1);

    /// <summary>
    /// Makes what is asked for, in one datagram. What an ADD that was killed has left is replaced; other programs' qdiscs and filters stay.
    /// </summary>
    /// <param name="hostEnd">The host end of the pod's veth pair.</param>
    /// <param name="settings">What is asked for.</param>
    /// <param name="undo">Takes the undoing.</param>
    /// <returns>The interface that shapes what the pod sends; null if nothing does.</returns>
    /// <exception cref="CniException">Another program has put a qdisc where the token bucket belongs; nothing has been changed.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public CniInterface? Apply(Link hostEnd, BandwidthSettings settings, UndoStack undo)
    {
        if (settings.Ingress is not null)
            ThrowIfShapedByAnother(hostEnd);
        List<Link> left = FindIfb(host, tag.IfbName) is { } present ? [present] : [];
        Qdisc? entrance = host.FindQdisc(hostEnd.Index, TcHandle.Ingress);
        List<Filter> filters = entrance is null ? [] : host.ListFilters(hostEnd.Index, TcHandle.IngressFilters);
        RouteBatch batch = new();
        foreach (Filter filter in filters.Where(filter => RedirectFilter.IsOurs(filter, left)))
            batch.DeleteFilter(filter, tolerate: Errno.ENOENT);
        foreach (Link link in left)
            batch.DeleteLink(link.Index, tolerate: Errno.ENODEV);
        if (settings.Ingress is { } ingress)
            batch.SetQdisc(new TbfSpec { LinkIndex = hostEnd.Index, Handle = s_bucket, Bucket = ingress.Bucket });
        else
            DeleteBucket(batch, hostEnd);
        CniInterface? ifb = null;
        if (settings.Egress is { } egress)
        {
            bool isIngressOurs = entrance is null || left.Exists(IsIngressOurs);
            if (entrance is null)
            {
                // An agent that waits for new links may have been faster, with a clsact.
                batch.AddQdisc(new IngressSpec { LinkIndex = hostEnd.Index }, tolerate: Errno.EEXIST);
            }
            ifb = AddIfb(batch, hostEnd, egress, isIngressOurs, RedirectFilter.LastPriority(filters));
        }
        undo.Push("remove what shapes traffic", () => TakeBack(hostEnd, withIngress: entrance is null));
        host.Execute(batch);
        return ifb;
    }

    /// <summary>
    /// Removes the token buckets, the filter, and the ingress qdisc if it came with them and nobody else has filters there. Succeeds when
    /// nothing is left, of the link either.
    /// </summary>
    /// <param name="host">The host's links.</param>
    /// <param name="hostEnd">The host end of the pod's veth pair; null if it is gone.</param>
    /// <param name="ifbs">The interfaces that shape what the pod sends.</param>
    /// <param name="withIngress">Whether the ingress qdisc is to go even if none of these interfaces says that it came with it.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Remove(RouteClient host, Link? hostEnd, IReadOnlyList<Link> ifbs, bool withIngress = false)
    {
        RouteBatch batch = new();
        if (hostEnd is not null)
        {
            List<Filter> filters = host.ListFilters(hostEnd.Index, TcHandle.IngressFilters);
            List<Filter> own = filters.FindAll(filter => RedirectFilter.IsOurs(filter, ifbs));
            foreach (Filter filter in own)
                batch.DeleteFilter(filter, tolerate: Errno.ENOENT);
            if (own.Count == filters.Count && (withIngress || ifbs.Any(IsIngressOurs)))
                batch.DeleteQdisc(hostEnd.Index, TcHandle.Ingress, TcHandle.IngressQdisc, "ingress", tolerate: Errno.EINVAL);
            DeleteBucket(batch, hostEnd);
        }
        foreach (Link ifb in ifbs)
            batch.DeleteLink(ifb.Index, tolerate: Errno.ENODEV);
        // The host end may go at any moment, with the pod's namespace.
        if (host.TryExecute(batch).Find(static refusal => refusal.Errno is not (Errno.ENODEV or Errno.ENOENT)) is { } refused)
            throw refused;
    }

    /// <summary>The interface of a name, if it is one that can shape.</summary>
    public static Link? FindIfb(RouteClient host, string name) => host.FindLink(name) is { Kind: "ifb" } link ? link : null;

    private void TakeBack(Link hostEnd, bool withIngress)
    {
        // The ADD's own client is closed by then.
        using RouteClient again = RouteClient.Open();
        Remove(again, hostEnd, FindIfb(again, tag.IfbName) is { } made ? [made] : [], withIngress);
    }

    private CniInterface AddIfb(RouteBatch batch, Link hostEnd, RateLimit egress, bool isIngressOurs, ushort priority)
    {
        int index = ChosenIndex.Next();
        MacAddress mac = MacAddress.Random();
        batch.CreateLink(new IfbSpec { Name = tag.IfbName, Index = index, Mac = mac, Mtu = hostEnd.Mtu, TxQueueLength = 0, Up = true });
        batch.SetLink(index, new LinkChange { Alias = tag.Alias(isIngressOurs ? WithIngress : "") });
        batch.SetQdisc(new TbfSpec { LinkIndex = index, Handle = s_bucket, Bucket = egress.Bucket });
        batch.AddFilter(new U32RedirectSpec
        {
            LinkIndex = hostEnd.Index,
            Parent = TcHandle.IngressFilters,
            Priority = priority,
            ClassId = s_class,
            Target = index,
        });
        return new CniInterface { Name = tag.IfbName, Mac = mac.ToString() };
    }

    private void ThrowIfShapedByAnother(Link hostEnd)
    {
        if (host.FindQdisc(hostEnd.Index, TcHandle.Root) is not { IsDefault: false } root
            || (root.Kind == BucketKind && root.Handle == s_bucket))
        {
            return;
        }
        throw new CniException(
            CniErrorCode.AlreadyExists,
            $"{hostEnd.Name} has the root qdisc {root.Kind} {root.Handle} of another program, so ingressRate cannot be applied; "
            + $"remove it (tc qdisc del dev {hostEnd.Name} root) or the rate");
    }

    /// <summary>Whether an ingress qdisc came with an ifb: the reference refuses to work with one that exists.</summary>
    private static bool IsIngressOurs(Link ifb) => ifb.Alias is null || AttachmentTag.NoteIn(ifb.Alias) == WithIngress;

    /// <summary>EINVAL says that the root qdisc is another.</summary>
    private static void DeleteBucket(RouteBatch batch, Link hostEnd) =>
        batch.DeleteQdisc(hostEnd.Index, TcHandle.Root, s_bucket, BucketKind, tolerate: Errno.EINVAL);
}
