using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

internal static partial class LinkParser
{
    private const byte IFF_TAP = 2; // linux/if_tun.h

    private static MacvlanState ReadMacvlan(AttributeReader attributes)
    {
        MacvlanMode mode = 0;
        uint broadcastQueue = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case MacvlanAttribute.Mode: mode = (MacvlanMode)attributes.ReadUInt32(); break;
                case MacvlanAttribute.BroadcastQueueLength: broadcastQueue = attributes.ReadUInt32(); break;
            }
        }
        return new MacvlanState { Mode = mode, BroadcastQueueLength = broadcastQueue };
    }

    private static IpvlanState ReadIpvlan(AttributeReader attributes)
    {
        IpvlanMode mode = 0;
        IpvlanFlags flags = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IpvlanAttribute.Mode: mode = (IpvlanMode)attributes.ReadUInt16(); break;
                case IpvlanAttribute.Flags: flags = (IpvlanFlags)attributes.ReadUInt16(); break;
            }
        }
        return new IpvlanState { Mode = mode, Flags = flags };
    }

    private static int? ReadVlanId(AttributeReader attributes)
    {
        int? id = null;
        while (attributes.MoveNext())
        {
            if (attributes.Type == VlanAttribute.Id)
                id = attributes.ReadUInt16();
        }
        return id;
    }

    private static TunState ReadTun(AttributeReader attributes)
    {
        bool isTap = false, isPersistent = false, multiQueue = false;
        uint? owner = null, group = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case TunAttribute.Type: isTap = attributes.ReadUInt8() == IFF_TAP; break;
                case TunAttribute.Owner: owner = attributes.ReadUInt32(); break;
                case TunAttribute.Group: group = attributes.ReadUInt32(); break;
                case TunAttribute.Persistent: isPersistent = attributes.ReadBoolean(); break;
                case TunAttribute.MultiQueue: multiQueue = attributes.ReadBoolean(); break;
            }
        }
        return new TunState { IsTap = isTap, Owner = owner, Group = group, IsPersistent = isPersistent, MultiQueue = multiQueue };
    }
}
