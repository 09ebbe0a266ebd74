using Linux;
using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>Messages of the nftables subsystem.</summary>
internal static class NftMessage
{
    private const byte NFNL_SUBSYS_NFTABLES = 10; // linux/netfilter/nfnetlink.h

    /// <summary>nlmsg_type: the subsystem in the high byte.</summary>
    public static ushort TypeOf(NftVerb verb) => NetfilterMessage.TypeOf(NFNL_SUBSYS_NFTABLES, (byte)verb);

    /// <summary>Opens a request of the nftables subsystem.</summary>
    public static NetlinkWriter Begin(
        NetlinkBatch batch, NftVerb verb, ushort flags, NftFamily family, OperationText description, Errno tolerated = Errno.None)
    {
        NetlinkWriter writer = batch.Begin(TypeOf(verb), flags, description, tolerated);
        NetfilterMessage.WriteHeader(writer, (byte)family);
        return writer;
    }

    /// <summary>Writes the header of NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END.</summary>
    public static void WriteBatchHeader(NetlinkWriter writer) => NetfilterMessage.WriteHeader(writer, 0, NFNL_SUBSYS_NFTABLES);

    /// <summary>The family that a message is about.</summary>
    public static NftFamily FamilyOf(ReadOnlySpan<byte> payload) => (NftFamily)payload[0];
}
