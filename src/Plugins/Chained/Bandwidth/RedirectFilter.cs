using Netlink.Route.Links;
using Netlink.Route.TrafficControl;

namespace Plugins.Chained.Bandwidth;

/// <summary>The filter that sends what the pod sends to the interface that shapes it.</summary>
internal static class RedirectFilter
{
    private const string Kind = "u32";

    // linux/if_ether.h
    private const ushort ETH_P_ALL = 3;

    /// <summary>Whether a filter sends packets to an interface.</summary>
    public static bool RedirectsTo(Filter filter, int link) =>
        filter.Kind == Kind && filter.Actions is [{ RedirectTarget: { } target }, ..] && target == link;

    /// <summary>
    /// Whether a filter on the host end is the attachment's own: it leads to one of these interfaces, or to one that is gone, where every
    /// packet is lost.
    /// </summary>
    public static bool IsOurs(Filter filter, IEnumerable<Link> ifbs) =>
        RedirectsTo(filter, 0) || ifbs.Any(ifb => RedirectsTo(filter, ifb.Index));

    /// <summary>
    /// The priority behind all other filters, since nothing comes behind a redirection. One that filters of another kind have cannot be
    /// shared (tc_new_tfilter, net/sched/cls_api.c); the next in front of them is taken then.
    /// </summary>
    public static ushort LastPriority(IReadOnlyList<Filter> filters)
    {
        ushort priority = ushort.MaxValue;
        while (filters.Any(filter => filter.Priority == priority && (filter.Kind != Kind || filter.Protocol != ETH_P_ALL)))
            priority--;
        return priority;
    }
}
