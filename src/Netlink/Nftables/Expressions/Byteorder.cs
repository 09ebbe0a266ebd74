using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Turns numbers in a register from the host's byte order to the network's or back.</summary>
/// <param name="Direction">Which way.</param>
/// <param name="Length">Bytes in all.</param>
/// <param name="Size">Bytes of one number.</param>
public sealed record Byteorder(ByteorderDirection Direction, int Length, int Size) : NftExpression
{
    internal const string KernelName = "byteorder";

    // enum nft_byteorder_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_BYTEORDER_SREG = 1;
    private const ushort NFTA_BYTEORDER_DREG = 2;
    private const ushort NFTA_BYTEORDER_OP = 3;
    private const ushort NFTA_BYTEORDER_LEN = 4;
    private const ushort NFTA_BYTEORDER_SIZE = 5;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>The operand.</summary>
    public NftRegister Source { get; init; } = NftRegister.First;

    /// <summary>Where the result goes.</summary>
    public NftRegister Destination { get; init; } = NftRegister.First;

    //   NFTA_BYTEORDER_SREG  be32
    //   NFTA_BYTEORDER_DREG  be32
    //   NFTA_BYTEORDER_OP    be32
    //   NFTA_BYTEORDER_LEN   be32
    //   NFTA_BYTEORDER_SIZE  be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_BYTEORDER_SREG, (uint)Source);
        writer.WriteUInt32BigEndianAttribute(NFTA_BYTEORDER_DREG, (uint)Destination);
        writer.WriteUInt32BigEndianAttribute(NFTA_BYTEORDER_OP, (uint)Direction);
        writer.WriteUInt32BigEndianAttribute(NFTA_BYTEORDER_LEN, (uint)Length);
        writer.WriteUInt32BigEndianAttribute(NFTA_BYTEORDER_SIZE, (uint)Size);
    }

    internal static Byteorder Read(AttributeReader attributes)
    {
        NftRegister source = default;
        NftRegister destination = default;
        uint direction = 0;
        uint length = 0;
        uint size = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_BYTEORDER_SREG:
                    source = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BYTEORDER_DREG:
                    destination = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BYTEORDER_OP:
                    direction = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BYTEORDER_LEN:
                    length = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_BYTEORDER_SIZE:
                    size = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Byteorder((ByteorderDirection)direction, (int)length, (int)size) { Source = source, Destination = destination };
    }
}

/// <summary>Ways to turn (enum nft_byteorder_ops, linux/netfilter/nf_tables.h).</summary>
public enum ByteorderDirection : uint
{
    /// <summary>NFT_BYTEORDER_NTOH.</summary>
    NetworkToHost = 0,

    /// <summary>NFT_BYTEORDER_HTON.</summary>
    HostToNetwork = 1,
}
