using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>VLANs of bridge ports as bytes: link messages of family AF_BRIDGE.</summary>
internal static class BridgeVlanMessage
{
    /// <summary>Bytes of struct bridge_vlan_info.</summary>
    public const int VlanInfoSize = 4;

    private const ushort IFLA_BRIDGE_VLAN_INFO = 2; // linux/if_bridge.h

    // RTM_SETLINK adds, RTM_DELLINK deletes, both of family AF_BRIDGE:
    //   struct ifinfomsg               ifi_index is the port
    //   IFLA_AF_SPEC             nest
    //     IFLA_BRIDGE_VLAN_INFO        struct bridge_vlan_info, linux/if_bridge.h; two of them for a range
    //       u16 flags                  BRIDGE_VLAN_INFO_*
    //       u16 vid
    public static void Write(NetlinkWriter writer, int port, ReadOnlySpan<BridgeVlanRange> ranges)
    {
        LinkMessage.WriteHeader(writer, MessageFamily.Bridge, port);
        int specific = writer.BeginNest(LinkAttribute.FamilySpecific);
        foreach (BridgeVlanRange range in ranges)
        {
            BridgeVlanFlags flags = (range.IsPvid ? BridgeVlanFlags.Pvid : 0) | (range.IsUntagged ? BridgeVlanFlags.Untagged : 0);
            if (range.First == range.Last)
            {
                WriteVlan(writer, flags, range.First);
                continue;
            }
            WriteVlan(writer, flags | BridgeVlanFlags.RangeBegin, range.First);
            WriteVlan(writer, flags | BridgeVlanFlags.RangeEnd, range.Last);
        }
        writer.EndNest(specific);
    }

    // RTM_GETLINK with NLM_F_DUMP of family AF_BRIDGE; the strict check allows no filter but the mask:
    //   struct ifinfomsg
    //   IFLA_EXT_MASK u32  RTEXT_FILTER_BRVLAN_COMPRESSED
    public static void WriteDump(NetlinkWriter writer)
    {
        LinkMessage.WriteHeader(writer, MessageFamily.Bridge);
        writer.WriteUInt32Attribute(LinkAttribute.ExtendedMask, ExtendedFilter.CompressedVlans);
    }

    /// <summary>Reads an RTM_NEWLINK of family AF_BRIDGE.</summary>
    public static BridgeVlans? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewLink)
            return null;
        int index = RouteAttributes.Header(payload, LinkMessage.HeaderSize).ReadInt32(4);
        int bridge = 0;
        List<BridgeVlanRange> ranges = [];
        AttributeReader attributes = new(payload[LinkMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case LinkAttribute.Master: bridge = attributes.ReadInt32(); break;
                case LinkAttribute.FamilySpecific: ReadRanges(attributes.ReadNest(), ranges); break;
            }
        }
        return new BridgeVlans { LinkIndex = index, BridgeIndex = bridge, Ranges = ranges };
    }

    private static void WriteVlan(NetlinkWriter writer, BridgeVlanFlags flags, int id)
    {
        int token = writer.BeginAttribute(IFLA_BRIDGE_VLAN_INFO);
        writer.WriteUInt16((ushort)flags);
        writer.WriteUInt16((ushort)id);
        writer.EndNest(token);
    }

    private static void ReadRanges(AttributeReader attributes, List<BridgeVlanRange> ranges)
    {
        int first = 0;
        while (attributes.MoveNext())
        {
            if (attributes.Type != IFLA_BRIDGE_VLAN_INFO)
                continue;
            int info = RouteAttributes.Header(attributes.Value, VlanInfoSize).ReadInt32(0);
            BridgeVlanFlags flags = (BridgeVlanFlags)(BitConverter.IsLittleEndian ? info & 0xffff : info >>> 16);
            int id = BitConverter.IsLittleEndian ? info >>> 16 : info & 0xffff;
            if (flags.HasFlag(BridgeVlanFlags.RangeBegin))
            {
                first = id;
                continue;
            }
            ranges.Add(new BridgeVlanRange(
                flags.HasFlag(BridgeVlanFlags.RangeEnd) ? first : id,
                id,
                flags.HasFlag(BridgeVlanFlags.Pvid),
                flags.HasFlag(BridgeVlanFlags.Untagged)));
        }
    }
}
