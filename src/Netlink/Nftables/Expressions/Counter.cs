using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Counts what comes by.</summary>
/// <param name="Packets">Packets so far.</param>
/// <param name="Bytes">Bytes so far.</param>
public sealed record Counter(ulong Packets = 0, ulong Bytes = 0) : NftExpression
{
    internal const string KernelName = "counter";

    // enum nft_counter_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_COUNTER_BYTES = 1;
    private const ushort NFTA_COUNTER_PACKETS = 2;

    /// <inheritdoc/>
    public override string Name => KernelName;

    //   NFTA_COUNTER_BYTES    be64, unless it starts at 0
    //   NFTA_COUNTER_PACKETS  be64, unless it starts at 0
    private protected override void WriteData(NetlinkWriter writer)
    {
        if (Packets == 0 && Bytes == 0)
            return;
        writer.WriteUInt64BigEndianAttribute(NFTA_COUNTER_BYTES, Bytes);
        writer.WriteUInt64BigEndianAttribute(NFTA_COUNTER_PACKETS, Packets);
    }

    internal static Counter Read(AttributeReader attributes)
    {
        ulong bytes = 0;
        ulong packets = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_COUNTER_BYTES:
                    bytes = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_COUNTER_PACKETS:
                    packets = attributes.ReadUInt64BigEndian();
                    break;
            }
        }
        return new Counter(packets, bytes);
    }
}
