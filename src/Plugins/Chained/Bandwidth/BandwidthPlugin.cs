using Cni;
using Datapath.Attachments;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Bandwidth;

/// <summary>
/// <c>bandwidth</c>: limits how fast a pod receives and sends. Keys and their meaning: docs/bandwidth.md. What it makes is on the host end
/// of the pod's veth pair and on an interface that is named after the attachment.
/// </summary>
public sealed class BandwidthPlugin : ChainedPlugin
{
    // What tc counts of a packet besides the MTU (ETH_HLEN, linux/if_ether.h).
    private const int EthernetHeader = 14;

    /// <inheritdoc/>
    public override string Type => "bandwidth";

    /// <summary>Results before 0.3.0 have no interfaces, among which the host end is looked for.</summary>
    public override IReadOnlyList<string> SupportedVersions => CniVersions.From("0.3.0");

    /// <summary>
    /// Finds everything without prevResult, namespace and rates: the interface by its name, the host end by its own or, where another
    /// plugin named it, from inside the pod.
    /// </summary>
    public override void Del(CniInvocation invocation)
    {
        AttachmentTag tag = new(invocation.Network, invocation.ContainerId, invocation.IfName);
        using RouteClient host = RouteClient.Open();
        CleanUp cleanUp = new();
        Link? hostEnd = null;
        cleanUp.Try(() => hostEnd = ShapedInterface.TryFind(invocation, tag, host));
        cleanUp.Try(() => TrafficShaper.Remove(host, hostEnd, Ifbs(invocation, tag, host)));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override void Gc(CniInvocation invocation)
    {
        ValidTags valid = new(invocation);
        using RouteClient host = RouteClient.Open();
        List<Link> ifbs = host.ListLinks(kind: "ifb");
        CleanUp cleanUp = new();
        foreach (Link ifb in ifbs.Where(ifb => valid.IsGarbage(ifb.Alias)))
        {
            string hostName = AttachmentTag.HostInterfaceNameOf(AttachmentTag.Find(ifb.Alias!)!);
            cleanUp.Try(() => TrafficShaper.Remove(host, host.FindLink(hostName), [ifb]));
        }
        cleanUp.Try(() => ReferenceIfb.DeleteOrphans(invocation, host, ifbs));
        cleanUp.ThrowIfFailed();
    }

    private protected override void Attach(CniInvocation add, CniResult result, UndoStack undo)
    {
        BandwidthSettings settings = BandwidthSettings.Read(add);
        if (settings.IsEmpty)
            return;
        AttachmentTag tag = new(add.Network, add.ContainerId, add.IfName);
        using RouteClient host = RouteClient.Open();
        Link hostEnd = ShapedInterface.Find(add, result, tag, host);
        WarnOfSmallBurst(add, "ingress", settings.Ingress, hostEnd);
        WarnOfSmallBurst(add, "egress", settings.Egress, hostEnd);
        if (new TrafficShaper(host, tag).Apply(hostEnd, settings, undo) is { } ifb)
            result.Interfaces.Add(ifb);
    }

    private protected override void Compare(CniInvocation check, CniResult result)
    {
        BandwidthSettings settings = BandwidthSettings.Read(check);
        if (settings.IsEmpty)
            return;
        AttachmentTag tag = new(check.Network, check.ContainerId, check.IfName);
        using RouteClient host = RouteClient.Open();
        Link hostEnd = ShapedInterface.Find(check, result, tag, host);
        BandwidthCheck comparison = new(check, host, hostEnd);
        if (settings.Ingress is { } ingress)
            comparison.CheckBucket(hostEnd, ingress, "ingressRate");
        if (settings.Egress is { } egress)
            comparison.CheckEgress(egress, Ifbs(check, tag, host), tag);
    }

    /// <summary>Ours, and what the reference's ADD may have left in its place.</summary>
    private static List<Link> Ifbs(CniInvocation call, AttachmentTag tag, RouteClient host) =>
    [
        .. ((string[])[tag.IfbName, ReferenceIfb.NameOf(call.Network, call.ContainerId)])
            .Select(name => TrafficShaper.FindIfb(host, name)).OfType<Link>(),
    ];

    private static void WarnOfSmallBurst(CniInvocation add, string way, RateLimit? limit, Link hostEnd)
    {
        if (limit is not null && limit.Burst < hostEnd.Mtu + EthernetHeader)
        {
            add.Warn($"{way}Burst is {limit.Burst} bytes, less than the {hostEnd.Mtu + EthernetHeader} of the largest packet of {hostEnd.Name}: "
                + "larger packets than the burst are dropped");
        }
    }
}
