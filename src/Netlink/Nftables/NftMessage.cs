using Linux;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>The frame that every nftables message stands in.</summary>
internal static class NftMessage
{
    /// <summary>Bytes of struct nfgenmsg.</summary>
    public const int HeaderSize = 4;

    private const byte NFNL_SUBSYS_NFTABLES = 10;
    private const byte NFNETLINK_V0 = 0;

    /// <summary>nlmsg_type: the subsystem in the high byte.</summary>
    public static ushort TypeOf(NftVerb verb) => (ushort)((NFNL_SUBSYS_NFTABLES << 8) | (byte)verb);

    /// <summary>Opens a request of the nftables subsystem.</summary>
    public static NetlinkWriter Begin(
        NetlinkBatch batch, NftVerb verb, ushort flags, NftFamily family, OperationText description, Errno tolerated = Errno.None)
    {
        NetlinkWriter writer = batch.Begin(TypeOf(verb), flags, description, tolerated);
        WriteHeader(writer, (byte)family, 0);
        return writer;
    }

    // struct nfgenmsg, linux/netfilter/nfnetlink.h:
    //   u8   nfgen_family
    //   u8   version       NFNETLINK_V0
    //   be16 res_id        the subsystem, on the messages that frame a batch

    /// <summary>Writes the header that follows struct nlmsghdr.</summary>
    public static void WriteHeader(NetlinkWriter writer, byte family, byte subsystem)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8(NFNETLINK_V0);
        writer.WriteUInt16BigEndian(subsystem);
    }

    /// <summary>Writes the header of NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END.</summary>
    public static void WriteBatchHeader(NetlinkWriter writer) => WriteHeader(writer, 0, NFNL_SUBSYS_NFTABLES);

    /// <summary>The family that a message is about.</summary>
    public static NftFamily FamilyOf(ReadOnlySpan<byte> payload) => (NftFamily)payload[0];

    /// <summary>The attributes behind the header.</summary>
    /// <exception cref="WireFormatException">There is no whole header.</exception>
    public static AttributeReader AttributesOf(ReadOnlySpan<byte> payload) => payload.Length >= HeaderSize
        ? new AttributeReader(payload[HeaderSize..])
        : throw new WireFormatException($"{payload.Length} bytes where struct nfgenmsg needs {HeaderSize}", 0);
}
