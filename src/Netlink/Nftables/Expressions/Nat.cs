using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Rewrites an address and perhaps a port, for the whole connection.</summary>
/// <param name="Type">The source's or the destination's.</param>
/// <param name="Family">Of the address: ip or ip6, also in an inet table.</param>
public sealed record Nat(NatType Type, NftFamily Family) : NftExpression
{
    internal const string KernelName = "nat";

    // enum nft_nat_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_NAT_TYPE = 1;
    private const ushort NFTA_NAT_FAMILY = 2;
    private const ushort NFTA_NAT_REG_ADDR_MIN = 3;
    private const ushort NFTA_NAT_REG_ADDR_MAX = 4;
    private const ushort NFTA_NAT_REG_PROTO_MIN = 5;
    private const ushort NFTA_NAT_REG_PROTO_MAX = 6;
    private const ushort NFTA_NAT_FLAGS = 7;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the address is.</summary>
    public NftRegister? Address { get; init; } = NftRegister.First;

    /// <summary>Where the last address of a range is.</summary>
    public NftRegister? LastAddress { get; init; }

    /// <summary>Where the port is.</summary>
    public NftRegister? Port { get; init; }

    /// <summary>Where the last port of a range is.</summary>
    public NftRegister? LastPort { get; init; }

    /// <summary>How to choose; that an address or port is given the kernel adds by itself.</summary>
    public NatFlags Flags { get; init; }

    //   NFTA_NAT_TYPE           be32
    //   NFTA_NAT_FAMILY         be32
    //   NFTA_NAT_REG_ADDR_MIN   be32
    //   NFTA_NAT_REG_ADDR_MAX   be32
    //   NFTA_NAT_REG_PROTO_MIN  be32
    //   NFTA_NAT_REG_PROTO_MAX  be32
    //   NFTA_NAT_FLAGS          be32, if there are any
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_NAT_TYPE, (uint)Type);
        writer.WriteUInt32BigEndianAttribute(NFTA_NAT_FAMILY, (uint)Family);
        WriteRegister(writer, NFTA_NAT_REG_ADDR_MIN, Address);
        WriteRegister(writer, NFTA_NAT_REG_ADDR_MAX, LastAddress);
        WriteRegister(writer, NFTA_NAT_REG_PROTO_MIN, Port);
        WriteRegister(writer, NFTA_NAT_REG_PROTO_MAX, LastPort);
        if (Flags != NatFlags.None)
            writer.WriteUInt32BigEndianAttribute(NFTA_NAT_FLAGS, (uint)Flags);
    }

    internal static Nat Read(AttributeReader attributes)
    {
        Nat nat = new(default, default) { Address = null };
        while (attributes.MoveNext())
        {
            uint value = attributes.ReadUInt32BigEndian();
            NftRegister register = (NftRegister)value;
            nat = attributes.Type switch
            {
                NFTA_NAT_TYPE => nat with { Type = (NatType)value },
                NFTA_NAT_FAMILY => nat with { Family = (NftFamily)value },
                NFTA_NAT_REG_ADDR_MIN => nat with { Address = register },
                NFTA_NAT_REG_ADDR_MAX => nat with { LastAddress = register },
                NFTA_NAT_REG_PROTO_MIN => nat with { Port = register },
                NFTA_NAT_REG_PROTO_MAX => nat with { LastPort = register },
                NFTA_NAT_FLAGS => nat with { Flags = (NatFlags)value & ~(NatFlags.AddressGiven | NatFlags.PortGiven) },
                _ => nat,
            };
        }
        // The kernel says a single address or port twice.
        return nat with
        {
            LastAddress = nat.LastAddress == nat.Address ? null : nat.LastAddress,
            LastPort = nat.LastPort == nat.Port ? null : nat.LastPort,
        };
    }

    private static void WriteRegister(NetlinkWriter writer, ushort type, NftRegister? register)
    {
        if (register is { } known)
            writer.WriteUInt32BigEndianAttribute(type, (uint)known);
    }
}

/// <summary>What is rewritten (enum nft_nat_types, linux/netfilter/nf_tables.h).</summary>
public enum NatType : uint
{
    /// <summary>NFT_NAT_SNAT.</summary>
    Source = 0,

    /// <summary>NFT_NAT_DNAT.</summary>
    Destination = 1,
}

/// <summary>How an address and port are chosen (NF_NAT_RANGE_*, linux/netfilter/nf_nat.h).</summary>
[Flags]
public enum NatFlags : uint
{
    /// <summary>The original port if it is free.</summary>
    None = 0,

    /// <summary>NF_NAT_RANGE_MAP_IPS, which follows from the registers.</summary>
    AddressGiven = 0x1,

    /// <summary>NF_NAT_RANGE_PROTO_SPECIFIED, which follows from the registers.</summary>
    PortGiven = 0x2,

    /// <summary>NF_NAT_RANGE_PROTO_RANDOM.</summary>
    Random = 0x4,

    /// <summary>NF_NAT_RANGE_PERSISTENT: a client keeps its address.</summary>
    Persistent = 0x8,

    /// <summary>NF_NAT_RANGE_PROTO_RANDOM_FULLY.</summary>
    FullyRandom = 0x10,
}
