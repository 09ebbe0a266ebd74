using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>An interface with a MAC address of its own on another interface, without a bridge between.</summary>
public sealed record MacvlanSpec : LinkSpec
{
    /// <summary>IFLA_LINK: the index of the interface that it stands on, in the namespace of the socket.</summary>
    public required int Parent { get; init; }

    /// <summary>IFLA_MACVLAN_MODE.</summary>
    public required MacvlanMode Mode { get; init; }

    /// <summary>
    /// IFLA_MACVLAN_BC_QUEUE_LEN: how many broadcast and multicast frames may wait, 1000 unless told. All macvlans of a parent share the
    /// longest queue that one of them asks for. Kernels before 5.11 ignore it.
    /// </summary>
    public uint? BroadcastQueueLength { get; init; }

    internal override string Kind => "macvlan";

    internal override int? Lower => Parent;

    // IFLA_INFO_DATA of a macvlan:
    //   IFLA_MACVLAN_MODE         u32
    //   IFLA_MACVLAN_BC_QUEUE_LEN u32
    internal override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32Attribute(MacvlanAttribute.Mode, (uint)Mode);
        if (BroadcastQueueLength is { } frames)
            writer.WriteUInt32Attribute(MacvlanAttribute.BroadcastQueueLength, frames);
    }
}
