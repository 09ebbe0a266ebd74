using System.Net;
using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Neighbours;

/// <summary>Neighbour messages as bytes (RTM_NEWNEIGH and its kin).</summary>
internal static class NeighbourMessage
{
    /// <summary>Bytes of the fixed header.</summary>
    public const int HeaderSize = 12;

    // struct ndmsg, linux/neighbour.h:
    //   u8  ndm_family
    //   u8  ndm_pad1
    //   u16 ndm_pad2
    //   s32 ndm_ifindex
    //   u16 ndm_state
    //   u8  ndm_flags    NTF_PROXY
    //   u8  ndm_type     0
    public static void WriteHeader(NetlinkWriter writer, byte family, int index, NeighbourState state, byte flags)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8(0);
        writer.WriteUInt16(0);
        writer.WriteInt32(index);
        writer.WriteUInt16((ushort)state);
        writer.WriteUInt8(flags);
        writer.WriteUInt8(0);
    }

    // RTM_NEWNEIGH and RTM_DELNEIGH:
    //   struct ndmsg
    //   NDA_DST    4 or 16 bytes
    //   NDA_LLADDR 6 bytes
    public static void Write(NetlinkWriter writer, Neighbour neighbour)
    {
        WriteHeader(
            writer,
            (byte)MessageFamily.Of(neighbour.Address),
            neighbour.LinkIndex,
            neighbour.State,
            neighbour.IsProxy ? NeighbourFlag.Proxy : (byte)0);
        writer.WriteAddressAttribute(NeighbourAttribute.Destination, neighbour.Address);
        if (neighbour.Mac is { } mac)
            writer.WriteMacAttribute(NeighbourAttribute.LinkLayerAddress, mac);
    }

    // RTM_GETNEIGH with NLM_F_DUMP; the strict check wants the interface as an attribute:
    //   struct ndmsg
    //   NDA_IFINDEX u32
    public static void WriteDump(NetlinkWriter writer, int? index, IpFamily? family)
    {
        WriteHeader(writer, (byte)(family ?? 0), 0, NeighbourState.None, 0);
        if (index is { } link)
            writer.WriteInt32Attribute(NeighbourAttribute.LinkIndex, link);
    }

    /// <summary>Reads an RTM_NEWNEIGH.</summary>
    public static Neighbour? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewNeighbour)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, HeaderSize);
        // A dump of all families holds the forwarding entries of bridges, too.
        if (header[0] is not ((byte)IpFamily.IPv4 or (byte)IpFamily.IPv6))
            return null;
        IPAddress? address = null;
        MacAddress? mac = null;
        AttributeReader attributes = new(payload[HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NeighbourAttribute.Destination: address = attributes.ReadAddress(); break;
                case NeighbourAttribute.LinkLayerAddress: mac = attributes.ReadMac(); break;
            }
        }
        if (address is null)
            return null;
        return new Neighbour
        {
            LinkIndex = header.ReadInt32(4),
            Address = address,
            Mac = mac,
            State = (NeighbourState)MemoryMarshal.Read<ushort>(header[8..]),
            IsProxy = (header[10] & NeighbourFlag.Proxy) != 0,
        };
    }
}
