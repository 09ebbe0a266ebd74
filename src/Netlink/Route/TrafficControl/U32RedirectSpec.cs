namespace Netlink.Route.TrafficControl;

/// <summary>A filter of kind <c>u32</c> that matches every packet and redirects it (action <c>mirred</c>) to another interface.</summary>
public sealed record U32RedirectSpec
{
    /// <summary>tcm_ifindex: the interface whose packets it takes.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>tcm_parent: the qdisc or the class of it.</summary>
    public required TcHandle Parent { get; init; }

    /// <summary>The priority (<c>pref</c> in tc): the lowest is asked first.</summary>
    public required ushort Priority { get; init; }

    /// <summary>TCA_U32_CLASSID (<c>flowid</c> in tc).</summary>
    public required TcHandle ClassId { get; init; }

    /// <summary>The index of the interface that the packets leave by.</summary>
    public required int Target { get; init; }
}
