using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Asks the routing table about the packet and loads the answer into a register.</summary>
/// <param name="Result">What is asked.</param>
/// <param name="Flags">What of the packet the question is made of.</param>
public sealed record Fib(FibResult Result, FibFlags Flags) : NftExpression
{
    internal const string KernelName = "fib";

    // enum nft_fib_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_FIB_DREG = 1;
    private const ushort NFTA_FIB_RESULT = 2;
    private const ushort NFTA_FIB_FLAGS = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the answer goes.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    //   NFTA_FIB_FLAGS   be32
    //   NFTA_FIB_RESULT  be32
    //   NFTA_FIB_DREG    be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_FIB_FLAGS, (uint)Flags);
        writer.WriteUInt32BigEndianAttribute(NFTA_FIB_RESULT, (uint)Result);
        writer.WriteUInt32BigEndianAttribute(NFTA_FIB_DREG, (uint)Register);
    }

    internal static Fib Read(AttributeReader attributes)
    {
        NftRegister register = default;
        uint result = 0;
        uint flags = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_FIB_DREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_FIB_RESULT:
                    result = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_FIB_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Fib((FibResult)result, (FibFlags)flags) { Register = register };
    }
}

/// <summary>Questions to the routing table (enum nft_fib_result, linux/netfilter/nf_tables.h).</summary>
public enum FibResult : uint
{
    /// <summary>NFT_FIB_RESULT_OIF: 4 bytes, index of the interface.</summary>
    InterfaceIndex = 1,

    /// <summary>NFT_FIB_RESULT_OIFNAME: 16 bytes.</summary>
    InterfaceName = 2,

    /// <summary>NFT_FIB_RESULT_ADDRTYPE: 4 bytes in host byte order, RTN_* (2 is local).</summary>
    AddressType = 3,
}

/// <summary>What a question to the routing table is made of (enum nft_fib_flags, linux/netfilter/nf_tables.h).</summary>
[Flags]
public enum FibFlags : uint
{
    /// <summary>NFTA_FIB_F_SADDR.</summary>
    SourceAddress = 0x1,

    /// <summary>NFTA_FIB_F_DADDR.</summary>
    DestinationAddress = 0x2,

    /// <summary>NFTA_FIB_F_MARK.</summary>
    Mark = 0x4,

    /// <summary>NFTA_FIB_F_IIF.</summary>
    InputInterface = 0x8,

    /// <summary>NFTA_FIB_F_OIF.</summary>
    OutputInterface = 0x10,

    /// <summary>NFTA_FIB_F_PRESENT: only whether there is an answer, as one byte.</summary>
    Present = 0x20,
}
