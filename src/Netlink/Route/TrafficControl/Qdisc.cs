namespace Netlink.Route.TrafficControl;

/// <summary>A queueing discipline as the kernel describes it.</summary>
public sealed record Qdisc
{
    /// <summary>tcm_ifindex: the interface that it is on.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>tcm_parent.</summary>
    public required TcHandle Parent { get; init; }

    /// <summary>tcm_handle; <c>0:</c> for one that the kernel has given an interface by itself.</summary>
    public required TcHandle Handle { get; init; }

    /// <summary>TCA_KIND, such as <c>tbf</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The settings of a <c>tbf</c>; null for other kinds.</summary>
    public TokenBucket? Bucket { get; init; }

    /// <summary>Whether the kernel chose it; the first qdisc that somebody adds takes its place.</summary>
    public bool IsDefault => Handle == default;
}
