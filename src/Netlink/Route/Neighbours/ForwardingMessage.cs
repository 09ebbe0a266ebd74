using System.Net;
using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Neighbours;

/// <summary>Forwarding entries as bytes: neighbour messages of family AF_BRIDGE.</summary>
internal static class ForwardingMessage
{
    // RTM_NEWNEIGH and RTM_DELNEIGH of family AF_BRIDGE:
    //   struct ndmsg       NTF_SELF or NTF_MASTER
    //   NDA_LLADDR 6 bytes
    //   NDA_DST    4 or 16 bytes
    //   NDA_VNI    u32
    public static void Write(NetlinkWriter writer, ForwardingEntry entry)
    {
        byte flags = entry.IsOfMaster ? NeighbourFlag.Master : NeighbourFlag.Self;
        NeighbourMessage.WriteHeader(writer, MessageFamily.Bridge, entry.LinkIndex, entry.State, flags);
        writer.WriteMacAttribute(NeighbourAttribute.LinkLayerAddress, entry.Mac);
        if (entry.Destination is { } destination)
            writer.WriteAddressAttribute(NeighbourAttribute.Destination, destination);
        if (entry.NetworkId is { } network)
            writer.WriteInt32Attribute(NeighbourAttribute.NetworkId, network);
    }

    // RTM_GETNEIGH with NLM_F_DUMP of family AF_BRIDGE; here the strict check wants the interface in the header:
    //   struct ndmsg
    public static void WriteDump(NetlinkWriter writer, int? index) =>
        NeighbourMessage.WriteHeader(writer, MessageFamily.Bridge, index ?? 0, NeighbourState.None, 0);

    /// <summary>Reads an RTM_NEWNEIGH of family AF_BRIDGE.</summary>
    public static ForwardingEntry? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewNeighbour)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, NeighbourMessage.HeaderSize);
        if (header[0] != MessageFamily.Bridge)
            return null;
        IPAddress? destination = null;
        MacAddress? mac = null;
        int? network = null;
        AttributeReader attributes = new(payload[NeighbourMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NeighbourAttribute.Destination: destination = attributes.ReadAddress(); break;
                case NeighbourAttribute.LinkLayerAddress: mac = attributes.ReadMac(); break;
                case NeighbourAttribute.NetworkId: network = attributes.ReadInt32(); break;
            }
        }
        if (mac is null)
            return null;
        return new ForwardingEntry
        {
            LinkIndex = header.ReadInt32(4),
            Mac = mac.Value,
            Destination = destination,
            NetworkId = network,
            State = (NeighbourState)MemoryMarshal.Read<ushort>(header[8..]),
            // Of what a bridge itself tells neither flag is set.
            IsOfMaster = (header[10] & NeighbourFlag.Self) == 0,
        };
    }
}
