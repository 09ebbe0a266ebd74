using Netlink.Route.Routes;
using Netlink.Wire;

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

/// <summary>Tuns and taps as bytes.</summary>
public static class TunLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "tun";

    // linux/if_link.h
    private const ushort IFLA_TUN_OWNER = 1;
    private const ushort IFLA_TUN_GROUP = 2;
    private const ushort IFLA_TUN_TYPE = 3;
    private const ushort IFLA_TUN_PERSIST = 6;
    private const ushort IFLA_TUN_MULTI_QUEUE = 7;

    private const byte IFF_TAP = 2; // linux/if_tun.h

    extension(Link link)
    {
        /// <summary>What a tun or tap says of itself; null for other kinds.</summary>
        public TunState? Tun => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a tun or tap:
    //   IFLA_TUN_OWNER       u32  if it has one
    //   IFLA_TUN_GROUP       u32  if it has one
    //   IFLA_TUN_TYPE        u8   IFF_TUN or IFF_TAP
    //   IFLA_TUN_PERSIST     u8
    //   IFLA_TUN_MULTI_QUEUE u8
    private static TunState Read(AttributeReader attributes)
    {
        bool isTap = false, isPersistent = false, multiQueue = false;
        uint? owner = null, group = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_TUN_TYPE: isTap = attributes.ReadUInt8() == IFF_TAP; break;
                case IFLA_TUN_OWNER: owner = attributes.ReadUInt32(); break;
                case IFLA_TUN_GROUP: group = attributes.ReadUInt32(); break;
                case IFLA_TUN_PERSIST: isPersistent = attributes.ReadBoolean(); break;
                case IFLA_TUN_MULTI_QUEUE: multiQueue = attributes.ReadBoolean(); break;
            }
        }
        return new TunState { IsTap = isTap, Owner = owner, Group = group, IsPersistent = isPersistent, MultiQueue = multiQueue };
    }
}
