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
    public override void Del(CniInvocation call)
    {
        AttachmentTag tag = new(call.Network, call.ContainerId, call.IfName);
        using RouteClient host = RouteClient.Open();
        BestEffortSteps cleanUp = new();
        Link? hostEnd = null;
        cleanUp.Try(() => hostEnd = ShapedInterface.TryFind(call, tag, host));
        cleanUp.Try(() => TrafficShaper.Remove(host, hostEnd, Ifbs(call, tag, host)));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override void Gc(CniInvocation call)
    {
        GcScope valid = new(call);
        using RouteClient host = RouteClient.Open();
        List<Link> ifbs = host.ListLinks(kind: "ifb");
        BestEffortSteps cleanUp = new();
        foreach (Link ifb in ifbs.Where(ifb => valid.IsGarbage(ifb.Alias)))
        {
            string hostName = AttachmentTag.HostInterfaceNameOf(AttachmentTag.Find(ifb.Alias!)!);
            cleanUp.Try(() => TrafficShaper.Remove(host, host.FindLink(hostName), [ifb]));
        }
        cleanUp.Try(() => ReferenceIfb.DeleteOrphans(call, host, ifbs));
        cleanUp.ThrowIfFailed();
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        BandwidthSettings settings = BandwidthSettings.Read(call);
        if (settings.IsEmpty)
            return;
        AttachmentTag tag = new(call.Network, call.ContainerId, call.IfName);
        using RouteClient host = RouteClient.Open();
        Link hostEnd = ShapedInterface.Find(call, result, tag, host);
        WarnOfSmallBurst(call, "ingress", settings.Ingress, hostEnd);
        WarnOfSmallBurst(call, "egress", settings.Egress, hostEnd);
        if (new TrafficShaper(host, tag).Apply(hostEnd, settings, undo) is { } ifb)
            result.Interfaces.Add(ifb);
    }

    private protected override void Compare(CniInvocation call, CniResult result)
    {
        BandwidthSettings settings = BandwidthSettings.Read(call);
        if (settings.IsEmpty)
            return;
        AttachmentTag tag = new(call.Network, call.ContainerId, call.IfName);
        using RouteClient host = RouteClient.Open();
        Link hostEnd = ShapedInterface.Find(call, result, tag, host);
        BandwidthCheck comparison = new(call, host, hostEnd);
        if (settings.Ingress is { } ingress)
            comparison.CheckBucket(hostEnd, ingress, "ingressRate");
        if (settings.Egress is { } egress)
            comparison.CheckEgress(egress, Ifbs(call, tag, host), tag);
    }

    /// <summary>Ours, and what the reference's ADD may have left in its place.</summary>
    private static List<Link> Ifbs(CniInvocation call, AttachmentTag tag, RouteClient host) =>
    [
        .. ((string[])[tag.IfbName, ReferenceIfb.NameOf(call.Network, call.ContainerId)])
            .Select(name => TrafficShaper.FindIfb(host, name)).OfType<Link>(),
    ];

    private static void WarnOfSmallBurst(CniInvocation call, string way, RateLimit? limit, Link hostEnd)
    {
        if (limit is not null && limit.Burst < hostEnd.Mtu + EthernetHeader)
        {
            call.Warn(
                $"{way}Burst is {limit.Burst} bytes, less than the {hostEnd.Mtu + EthernetHeader} of the largest packet of "
                + $"{hostEnd.Name}: larger packets than the burst are dropped");
        }
    }
}
