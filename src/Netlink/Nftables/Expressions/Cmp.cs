using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>
/// Goes on with the rule only if a register compares so with a value; byte by byte, as numbers in network byte order are.
/// </summary>
/// <param name="Comparison">How.</param>
/// <param name="Value">With what; its length counts.</param>
public sealed record Cmp(CmpOperation Comparison, NftValue Value) : NftExpression
{
    internal const string KernelName = "cmp";

    // enum nft_cmp_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_CMP_SREG = 1;
    private const ushort NFTA_CMP_OP = 2;
    private const ushort NFTA_CMP_DATA = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>What is compared.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    //   NFTA_CMP_SREG  be32
    //   NFTA_CMP_OP    be32
    //   NFTA_CMP_DATA  NFTA_DATA_VALUE
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_CMP_SREG, (uint)Register);
        writer.WriteUInt32BigEndianAttribute(NFTA_CMP_OP, (uint)Comparison);
        NftData.Write(writer, NFTA_CMP_DATA, Value);
    }

    internal static Cmp Read(AttributeReader attributes)
    {
        NftRegister register = default;
        uint operation = 0;
        NftValue value = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_CMP_SREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_CMP_OP:
                    operation = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_CMP_DATA:
                    value = NftData.ReadValue(attributes.ReadNest());
                    break;
            }
        }
        return new Cmp((CmpOperation)operation, value) { Register = register };
    }
}

/// <summary>Comparisons (enum nft_cmp_ops, linux/netfilter/nf_tables.h).</summary>
public enum CmpOperation : uint
{
    /// <summary>NFT_CMP_EQ.</summary>
    Equal = 0,

    /// <summary>NFT_CMP_NEQ.</summary>
    NotEqual = 1,

    /// <summary>NFT_CMP_LT.</summary>
    Less = 2,

    /// <summary>NFT_CMP_LTE.</summary>
    LessOrEqual = 3,

    /// <summary>NFT_CMP_GT.</summary>
    Greater = 4,

    /// <summary>NFT_CMP_GTE.</summary>
    GreaterOrEqual = 5,
}
