namespace Netlink.Route.TrafficControl;

/// <summary>A filter as the kernel describes it.</summary>
public sealed record Filter
{
    /// <summary>tcm_ifindex: the interface that it is on.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>tcm_parent: the qdisc or the class of it.</summary>
    public required TcHandle Parent { get; init; }

    /// <summary>tcm_handle: its number among those of its kind, priority and protocol.</summary>
    public required uint Handle { get; init; }

    /// <summary>The priority (<c>pref</c> in tc): the lowest is asked first.</summary>
    public required ushort Priority { get; init; }

    /// <summary>ETH_P_* of the packets that it looks at, linux/if_ether.h.</summary>
    public required ushort Protocol { get; init; }

    /// <summary>TCA_KIND, such as <c>u32</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it does to packets that match, in order; empty also for kinds that this library does not read.</summary>
    public IReadOnlyList<FilterAction> Actions { get; init; } = [];

    /// <summary>
    /// Whether packets that match can pass the filters behind it by: a filter without actions, a program that decides by itself (bpf
    /// with direct-action), any action but those that end in <c>continue</c>.
    /// </summary>
    public bool MayEndChain =>
        Actions.Count == 0 || !Actions[^1].Continues || Actions.Any(static action => !action.Continues && !action.IsPipe);
}

/// <summary>An action of a filter.</summary>
public sealed record FilterAction
{
    private const int TC_ACT_UNSPEC = -1;

    /// <summary>TCA_ACT_KIND, such as <c>mirred</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>TC_ACT_*, linux/pkt_cls.h: what becomes of the packet then; null for kinds that this library does not read.</summary>
    public int? Verdict { get; init; }

    /// <summary>The index of the interface that a mirred redirects to; 0 if that is gone, null if this is something else.</summary>
    public int? RedirectTarget { get; init; }

    /// <summary>TC_ACT_UNSPEC (<c>continue</c> in tc): the next filter is asked.</summary>
    internal bool Continues => Verdict == TC_ACT_UNSPEC;

    /// <summary>TC_ACT_PIPE: the filter's next action follows.</summary>
    internal bool IsPipe => Verdict == FilterVerdict.Pipe;
}
