namespace Netlink.Route.Links;

/// <summary>What a tun or tap interface says of itself. It is made by /dev/net/tun, not by rtnetlink.</summary>
public sealed record TunState
{
    /// <summary>IFLA_TUN_TYPE is that of a tap: it carries Ethernet frames, a tun IP packets.</summary>
    public bool IsTap { get; init; }

    /// <summary>IFLA_TUN_OWNER: the user ID that may attach to it; null if only privileged processes may.</summary>
    public uint? Owner { get; init; }

    /// <summary>IFLA_TUN_GROUP: the group ID that may attach to it; null if only privileged processes may.</summary>
    public uint? Group { get; init; }

    /// <summary>IFLA_TUN_PERSIST: it stays when nothing is attached to it.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>IFLA_TUN_MULTI_QUEUE: several queues can be attached to it.</summary>
    public bool MultiQueue { get; init; }
}
