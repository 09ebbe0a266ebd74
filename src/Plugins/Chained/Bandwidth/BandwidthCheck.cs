using Cni;
using Datapath.Attachments;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;

namespace Plugins.Chained.Bandwidth;

/// <summary>CHECK of <c>bandwidth</c>: whether what ADD made still stands, also where the reference's plugin did the ADD.</summary>
/// <param name="call">The CHECK.</param>
/// <param name="host">The host's links.</param>
/// <param name="hostEnd">The host end of the pod's veth pair.</param>
internal sealed class BandwidthCheck(CniInvocation call, RouteClient host, Link hostEnd)
{
    /// <summary>Compares the token bucket of an interface.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="limit">What was asked for.</param>
    /// <param name="key">The key that asked for it.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    public void CheckBucket(Link link, RateLimit limit, string key)
    {
        if (host.FindQdisc(link.Index, TcHandle.Root) is not { Bucket: { } found } qdisc)
            throw CniException.CheckFailed($"{link.Name} has no root qdisc tbf, so {key} is not kept");
        if (!limit.Matches(found))
        {
            throw CniException.CheckFailed(
                $"the qdisc tbf {qdisc.Handle} of {link.Name} does not keep {key}: it has {Describe(found)}, ADD set "
                + $"{Describe(limit.Bucket)}");
        }
    }

    /// <summary>Compares what shapes the packets that the pod sends.</summary>
    /// <param name="limit">What was asked for.</param>
    /// <param name="ifbs">The interfaces that are there for it; the first counts.</param>
    /// <param name="tag">Of the attachment.</param>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    public void CheckEgress(RateLimit limit, List<Link> ifbs, AttachmentTag tag)
    {
        if (ifbs.Count == 0)
            throw CniException.CheckFailed($"the interface {tag.IfbName} (ifb) does not exist, so egressRate is not kept");
        Link ifb = ifbs[0];
        if (!ifb.IsUp)
            throw CniException.CheckFailed($"the interface {ifb.Name} (ifb) is down, so nothing that the pod sends arrives");
        CheckBucket(ifb, limit, "egressRate");
        if (host.FindQdisc(hostEnd.Index, TcHandle.Ingress) is null)
            throw CniException.CheckFailed($"{hostEnd.Name} has no qdisc ingress or clsact, so egressRate is not kept");
        List<Filter> filters = host.ListFilters(hostEnd.Index, TcHandle.IngressFilters);
        int own = filters.FindIndex(filter => RedirectFilter.RedirectsTo(filter, ifb.Index));
        if (own < 0)
        {
            throw CniException.CheckFailed(
                $"{hostEnd.Name} has no filter that redirects what enters it to {ifb.Name}, so egressRate is not kept");
        }
        foreach (Filter earlier in filters[..own].Where(static filter => filter.MayEndChain))
        {
            call.Warn($"filter {earlier.Kind} of priority {earlier.Priority} on {hostEnd.Name} comes before the redirection to {ifb.Name} "
                + "and can end the chain: what it passes by itself is not shaped");
        }
    }

    private static string Describe(TokenBucket bucket) =>
        $"rate {bucket.Rate} byte/s, limit {bucket.Limit} bytes, burst {bucket.Buffer} ticks";
}
