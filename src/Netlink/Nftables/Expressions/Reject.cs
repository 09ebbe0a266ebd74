using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Drops the packet and tells its sender.</summary>
/// <param name="Type">How.</param>
/// <param name="Code">ICMP code of the family, or one of NFT_REJECT_ICMPX_* for both families (1 is port unreachable).</param>
public sealed record Reject(RejectType Type, byte Code) : NftExpression
{
    internal const string KernelName = "reject";

    // enum nft_reject_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_REJECT_TYPE = 1;
    private const ushort NFTA_REJECT_ICMP_CODE = 2;

    /// <inheritdoc/>
    public override string Name => KernelName;

    //   NFTA_REJECT_TYPE       be32
    //   NFTA_REJECT_ICMP_CODE  u8
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_REJECT_TYPE, (uint)Type);
        writer.WriteUInt8Attribute(NFTA_REJECT_ICMP_CODE, Code);
    }

    internal static Reject Read(AttributeReader attributes)
    {
        uint type = 0;
        byte code = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_REJECT_TYPE:
                    type = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_REJECT_ICMP_CODE:
                    code = attributes.ReadUInt8();
                    break;
            }
        }
        return new Reject((RejectType)type, code);
    }
}

/// <summary>How a sender is told (enum nft_reject_types, linux/netfilter/nf_tables.h).</summary>
public enum RejectType : uint
{
    /// <summary>NFT_REJECT_ICMP_UNREACH.</summary>
    IcmpUnreachable = 0,

    /// <summary>NFT_REJECT_TCP_RST.</summary>
    TcpReset = 1,

    /// <summary>NFT_REJECT_ICMPX_UNREACH: by the family of the packet.</summary>
    IcmpxUnreachable = 2,
}
