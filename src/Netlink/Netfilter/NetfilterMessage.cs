using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Netfilter;

/// <summary>The frame that every message of nfnetlink stands in, whichever subsystem it is of.</summary>
internal static class NetfilterMessage
{
    /// <summary>Bytes of struct nfgenmsg.</summary>
    public const int HeaderSize = 4;

    // linux/netfilter/nfnetlink.h
    private const byte NFNETLINK_V0 = 0;

    // linux/netfilter.h
    private const byte NFPROTO_IPV4 = 2;
    private const byte NFPROTO_IPV6 = 10;

    /// <summary>nlmsg_type: the subsystem (NFNL_SUBSYS_*) in the high byte.</summary>
    public static ushort TypeOf(byte subsystem, byte message) => (ushort)((subsystem << 8) | message);

    // struct nfgenmsg, linux/netfilter/nfnetlink.h:
    //   u8   nfgen_family
    //   u8   version       NFNETLINK_V0
    //   be16 res_id        the subsystem, on the messages that frame a batch

    /// <summary>Writes the header that follows struct nlmsghdr.</summary>
    public static void WriteHeader(NetlinkWriter writer, byte family, byte subsystem = 0)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8(NFNETLINK_V0);
        writer.WriteUInt16BigEndian(subsystem);
    }

    /// <summary>nfgen_family of a protocol's addresses.</summary>
    public static byte FamilyOf(IpFamily family) => family.IsIPv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

    /// <summary>The attributes behind the header.</summary>
    /// <exception cref="WireFormatException">There is no whole header.</exception>
    public static AttributeReader AttributesOf(ReadOnlySpan<byte> payload) => payload.Length >= HeaderSize
        ? new AttributeReader(payload[HeaderSize..])
        : throw new WireFormatException($"{payload.Length} bytes where struct nfgenmsg needs {HeaderSize}", 0);
}
