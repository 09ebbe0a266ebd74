using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Loads bytes of the packet into a register.</summary>
/// <param name="Base">The header to count from.</param>
/// <param name="Offset">Bytes from there.</param>
/// <param name="Length">How many bytes.</param>
public sealed record Payload(PayloadBase Base, int Offset, int Length) : NftExpression
{
    internal const string KernelName = "payload";

    // enum nft_payload_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_PAYLOAD_DREG = 1;
    private const ushort NFTA_PAYLOAD_BASE = 2;
    private const ushort NFTA_PAYLOAD_OFFSET = 3;
    private const ushort NFTA_PAYLOAD_LEN = 4;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the bytes go.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    //   NFTA_PAYLOAD_DREG    be32
    //   NFTA_PAYLOAD_BASE    be32
    //   NFTA_PAYLOAD_OFFSET  be32
    //   NFTA_PAYLOAD_LEN     be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_PAYLOAD_DREG, (uint)Register);
        writer.WriteUInt32BigEndianAttribute(NFTA_PAYLOAD_BASE, (uint)Base);
        writer.WriteUInt32BigEndianAttribute(NFTA_PAYLOAD_OFFSET, (uint)Offset);
        writer.WriteUInt32BigEndianAttribute(NFTA_PAYLOAD_LEN, (uint)Length);
    }

    /// <summary>Null for one that writes into the packet.</summary>
    internal static Payload? Read(AttributeReader attributes)
    {
        NftRegister? register = null;
        uint header = 0;
        uint offset = 0;
        uint length = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_PAYLOAD_DREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_PAYLOAD_BASE:
                    header = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_PAYLOAD_OFFSET:
                    offset = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_PAYLOAD_LEN:
                    length = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return register is { } known ? new Payload((PayloadBase)header, (int)offset, (int)length) { Register = known } : null;
    }
}

/// <summary>Headers of a packet (enum nft_payload_bases, linux/netfilter/nf_tables.h).</summary>
public enum PayloadBase : uint
{
    /// <summary>NFT_PAYLOAD_LL_HEADER: Ethernet.</summary>
    LinkLayer = 0,

    /// <summary>NFT_PAYLOAD_NETWORK_HEADER: IP.</summary>
    Network = 1,

    /// <summary>NFT_PAYLOAD_TRANSPORT_HEADER: TCP, UDP and so on.</summary>
    Transport = 2,

    /// <summary>NFT_PAYLOAD_INNER_HEADER: what the transport carries.</summary>
    Inner = 3,
}
