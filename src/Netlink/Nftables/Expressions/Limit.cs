using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Goes on only while a rate is kept, or only beyond it.</summary>
/// <param name="Rate">How many in each unit of time.</param>
/// <param name="Unit">Seconds: 1, 60, 3600, 86400 or 604800.</param>
public sealed record Limit(ulong Rate, ulong Unit) : NftExpression
{
    internal const string KernelName = "limit";

    // enum nft_limit_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_LIMIT_RATE = 1;
    private const ushort NFTA_LIMIT_UNIT = 2;
    private const ushort NFTA_LIMIT_BURST = 3;
    private const ushort NFTA_LIMIT_TYPE = 4;
    private const ushort NFTA_LIMIT_FLAGS = 5;

    private const uint NFT_LIMIT_PKT_BYTES = 1;
    private const uint NFT_LIMIT_F_INV = 1;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>How many more may come at once; nft prints 5 packets or 0 bytes as nothing.</summary>
    public uint Burst { get; init; }

    /// <summary>Whether bytes are counted instead of packets.</summary>
    public bool CountsBytes { get; init; }

    /// <summary>Whether to go on only beyond the rate.</summary>
    public bool IsInverted { get; init; }

    //   NFTA_LIMIT_RATE   be64
    //   NFTA_LIMIT_UNIT   be64, seconds
    //   NFTA_LIMIT_BURST  be32, if there is one
    //   NFTA_LIMIT_TYPE   be32
    //   NFTA_LIMIT_FLAGS  be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt64BigEndianAttribute(NFTA_LIMIT_RATE, Rate);
        writer.WriteUInt64BigEndianAttribute(NFTA_LIMIT_UNIT, Unit);
        if (Burst != 0)
            writer.WriteUInt32BigEndianAttribute(NFTA_LIMIT_BURST, Burst);
        writer.WriteUInt32BigEndianAttribute(NFTA_LIMIT_TYPE, CountsBytes ? NFT_LIMIT_PKT_BYTES : 0);
        writer.WriteUInt32BigEndianAttribute(NFTA_LIMIT_FLAGS, IsInverted ? NFT_LIMIT_F_INV : 0);
    }

    internal static Limit Read(AttributeReader attributes)
    {
        ulong rate = 0;
        ulong unit = 0;
        uint burst = 0;
        uint type = 0;
        uint flags = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_LIMIT_RATE:
                    rate = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_LIMIT_UNIT:
                    unit = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_LIMIT_BURST:
                    burst = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_LIMIT_TYPE:
                    type = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_LIMIT_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Limit(rate, unit)
        {
            Burst = burst,
            CountsBytes = type == NFT_LIMIT_PKT_BYTES,
            IsInverted = (flags & NFT_LIMIT_F_INV) != 0,
        };
    }
}
