namespace Netlink.Route.Links;

/// <summary>What a macvlan says of itself.</summary>
public sealed record MacvlanState
{
    /// <summary>IFLA_MACVLAN_MODE.</summary>
    public MacvlanMode Mode { get; init; }

    /// <summary>IFLA_MACVLAN_BC_QUEUE_LEN: what it asked for; 0 on kernels before 5.11.</summary>
    public uint BroadcastQueueLength { get; init; }
}
