using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>
/// Loads bytes of an extension header or option into a register, or sets them from one; a packet without it is left alone, and only a
/// rule that loads does not go on then.
/// </summary>
/// <param name="Protocol">Whose headers or options.</param>
/// <param name="Type">Which: of TCP the option's kind (TCPOPT_*, net/tcp.h), 2 is the segment size.</param>
/// <param name="Offset">Bytes from its start, kind and length included.</param>
/// <param name="Length">How many bytes; TCP options are set 2 or 4 bytes at a time.</param>
public sealed record Exthdr(ExthdrProtocol Protocol, byte Type, int Offset, int Length) : NftExpression
{
    internal const string KernelName = "exthdr";

    // enum nft_exthdr_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_EXTHDR_DREG = 1;
    private const ushort NFTA_EXTHDR_TYPE = 2;
    private const ushort NFTA_EXTHDR_OFFSET = 3;
    private const ushort NFTA_EXTHDR_LEN = 4;
    private const ushort NFTA_EXTHDR_FLAGS = 5;
    private const ushort NFTA_EXTHDR_OP = 6;
    private const ushort NFTA_EXTHDR_SREG = 7;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the bytes go, or come from.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    /// <summary>Whether the packet is changed. The kernel never makes a segment size greater.</summary>
    public bool Sets { get; init; }

    //   NFTA_EXTHDR_DREG    be32, to load
    //   NFTA_EXTHDR_SREG    be32, to set
    //   NFTA_EXTHDR_TYPE    u8
    //   NFTA_EXTHDR_OFFSET  be32
    //   NFTA_EXTHDR_LEN     be32
    //   NFTA_EXTHDR_OP      be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(Sets ? NFTA_EXTHDR_SREG : NFTA_EXTHDR_DREG, (uint)Register);
        writer.WriteUInt8Attribute(NFTA_EXTHDR_TYPE, Type);
        writer.WriteUInt32BigEndianAttribute(NFTA_EXTHDR_OFFSET, (uint)Offset);
        writer.WriteUInt32BigEndianAttribute(NFTA_EXTHDR_LEN, (uint)Length);
        writer.WriteUInt32BigEndianAttribute(NFTA_EXTHDR_OP, (uint)Protocol);
    }

    /// <summary>Null for one that asks whether there is such a header, or that removes it.</summary>
    internal static Exthdr? Read(AttributeReader attributes)
    {
        NftRegister? register = null;
        bool sets = false;
        byte type = 0;
        uint offset = 0, length = 0, flags = 0, protocol = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_EXTHDR_DREG or NFTA_EXTHDR_SREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    sets = attributes.Type == NFTA_EXTHDR_SREG;
                    break;
                case NFTA_EXTHDR_TYPE:
                    type = attributes.ReadUInt8();
                    break;
                case NFTA_EXTHDR_OFFSET:
                    offset = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_EXTHDR_LEN:
                    length = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_EXTHDR_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_EXTHDR_OP:
                    protocol = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return register is { } known && flags == 0
            ? new Exthdr((ExthdrProtocol)protocol, type, (int)offset, (int)length) { Register = known, Sets = sets }
            : null;
    }
}

/// <summary>Protocols with extension headers or options (enum nft_exthdr_op, linux/netfilter/nf_tables.h).</summary>
public enum ExthdrProtocol : uint
{
    /// <summary>NFT_EXTHDR_OP_IPV6: extension headers.</summary>
    IPv6 = 0,

    /// <summary>NFT_EXTHDR_OP_TCPOPT: options.</summary>
    Tcp = 1,

    /// <summary>NFT_EXTHDR_OP_IPV4: options.</summary>
    IPv4 = 2,

    /// <summary>NFT_EXTHDR_OP_SCTP: chunks.</summary>
    Sctp = 3,
}
