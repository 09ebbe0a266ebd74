using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Computes <c>(register AND mask) XOR value</c>, both as long as the operand.</summary>
/// <param name="Mask">Bits that stay.</param>
/// <param name="Xor">Bits that are turned.</param>
public sealed record Bitwise(NftValue Mask, NftValue Xor) : NftExpression
{
    internal const string KernelName = "bitwise";

    // enum nft_bitwise_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_BITWISE_SREG = 1;
    private const ushort NFTA_BITWISE_DREG = 2;
    private const ushort NFTA_BITWISE_LEN = 3;
    private const ushort NFTA_BITWISE_MASK = 4;
    private const ushort NFTA_BITWISE_XOR = 5;
    private const ushort NFTA_BITWISE_OP = 6;

    private const uint NFT_BITWISE_MASK_XOR = 0;

    /// <summary>Keeps the bits of a mask.</summary>
    public Bitwise(NftValue mask) : this(mask, new NftValue(new byte[mask.Length].AsSpan()))
    {
    }

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>The operand.</summary>
    public NftRegister Source { get; init; } = NftRegister.First;

    /// <summary>Where the result goes.</summary>
    public NftRegister Destination { get; init; } = NftRegister.First;

    //   NFTA_BITWISE_SREG  be32
    //   NFTA_BITWISE_DREG  be32
    //   NFTA_BITWISE_LEN   be32, bytes
    //   NFTA_BITWISE_MASK  NFTA_DATA_VALUE
    //   NFTA_BITWISE_XOR   NFTA_DATA_VALUE
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_BITWISE_SREG, (uint)Source);
        writer.WriteUInt32BigEndianAttribute(NFTA_BITWISE_DREG, (uint)Destination);
        writer.WriteUInt32BigEndianAttribute(NFTA_BITWISE_LEN, (uint)Mask.Length);
        NftData.Write(writer, NFTA_BITWISE_MASK, Mask);
        NftData.Write(writer, NFTA_BITWISE_XOR, Xor);
    }

    /// <summary>Null for a shift and whatever else the kernel can do by now.</summary>
    internal static Bitwise? Read(AttributeReader attributes)
    {
        NftRegister source = default;
        NftRegister destination = default;
        NftValue mask = default;
        NftValue xor = default;
        uint operation = NFT_BITWISE_MASK_XOR;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_BITWISE_SREG:
                    source = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BITWISE_DREG:
                    destination = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BITWISE_MASK:
                    mask = NftData.ReadValue(attributes.ReadNest());
                    break;
                case NFTA_BITWISE_XOR:
                    xor = NftData.ReadValue(attributes.ReadNest());
                    break;
                case NFTA_BITWISE_OP:
                    operation = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return operation == NFT_BITWISE_MASK_XOR ? new Bitwise(mask, xor) { Source = source, Destination = destination } : null;
    }
}
