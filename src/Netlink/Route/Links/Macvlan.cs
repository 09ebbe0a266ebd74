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

    /// <inheritdoc/>
    public override string Kind => MacvlanLink.Kind;

    /// <inheritdoc/>
    public override int? Lower => Parent;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => MacvlanLink.Write(writer, this);
}

/// <summary>What a macvlan says of itself.</summary>
public sealed record MacvlanState
{
    /// <summary>IFLA_MACVLAN_MODE.</summary>
    public MacvlanMode Mode { get; init; }

    /// <summary>IFLA_MACVLAN_BC_QUEUE_LEN: what it asked for; 0 on kernels before 5.11.</summary>
    public uint BroadcastQueueLength { get; init; }
}

/// <summary>Which frames a macvlan exchanges with others on the same parent. Source: linux/if_link.h.</summary>
public enum MacvlanMode : uint
{
    /// <summary>MACVLAN_MODE_PRIVATE: none, not even by way of the switch outside.</summary>
    Private = 1,

    /// <summary>MACVLAN_MODE_VEPA: by way of the switch outside, which must send them back.</summary>
    Vepa = 2,

    /// <summary>MACVLAN_MODE_BRIDGE: directly.</summary>
    Bridge = 4,

    /// <summary>MACVLAN_MODE_PASSTHRU: it is alone and takes the parent over, MAC address included.</summary>
    PassThrough = 8,

    /// <summary>MACVLAN_MODE_SOURCE: only frames of listed senders come in.</summary>
    Source = 16,
}

/// <summary>Macvlans as bytes.</summary>
public static class MacvlanLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "macvlan";

    // linux/if_link.h
    private const ushort IFLA_MACVLAN_MODE = 1;
    private const ushort IFLA_MACVLAN_BC_QUEUE_LEN = 7;

    extension(Link link)
    {
        /// <summary>What a macvlan says of itself; null for other kinds.</summary>
        public MacvlanState? Macvlan => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a macvlan:
    //   IFLA_MACVLAN_MODE         u32
    //   IFLA_MACVLAN_BC_QUEUE_LEN u32
    internal static void Write(NetlinkWriter writer, MacvlanSpec link)
    {
        writer.WriteUInt32Attribute(IFLA_MACVLAN_MODE, (uint)link.Mode);
        if (link.BroadcastQueueLength is { } frames)
            writer.WriteUInt32Attribute(IFLA_MACVLAN_BC_QUEUE_LEN, frames);
    }

    private static MacvlanState Read(AttributeReader attributes)
    {
        MacvlanMode mode = 0;
        uint broadcastQueue = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_MACVLAN_MODE: mode = (MacvlanMode)attributes.ReadUInt32(); break;
                case IFLA_MACVLAN_BC_QUEUE_LEN: broadcastQueue = attributes.ReadUInt32(); break;
            }
        }
        return new MacvlanState { Mode = mode, BroadcastQueueLength = broadcastQueue };
    }
}
