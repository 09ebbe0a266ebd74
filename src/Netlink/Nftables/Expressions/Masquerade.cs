using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Rewrites the source address to that of the interface by which the packet leaves.</summary>
public sealed record Masquerade : NftExpression
{
    internal const string KernelName = "masq";

    // enum nft_masq_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_MASQ_FLAGS = 1;
    private const ushort NFTA_MASQ_REG_PROTO_MIN = 2;
    private const ushort NFTA_MASQ_REG_PROTO_MAX = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>How the port is chosen; that a range is given is added by itself.</summary>
    public NatFlags Flags { get; init; }

    /// <summary>Where the first port of a range is.</summary>
    public NftRegister? Port { get; init; }

    /// <summary>Where the last port of a range is.</summary>
    public NftRegister? LastPort { get; init; }

    //   NFTA_MASQ_FLAGS          be32, if there are any
    //   NFTA_MASQ_REG_PROTO_MIN  be32
    //   NFTA_MASQ_REG_PROTO_MAX  be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        if (Port is not null || Flags != NatFlags.None)
            writer.WriteUInt32BigEndianAttribute(NFTA_MASQ_FLAGS, (uint)(Port is null ? Flags : Flags | NatFlags.PortGiven));
        if (Port is { } port)
            writer.WriteUInt32BigEndianAttribute(NFTA_MASQ_REG_PROTO_MIN, (uint)port);
        if (LastPort is { } last)
            writer.WriteUInt32BigEndianAttribute(NFTA_MASQ_REG_PROTO_MAX, (uint)last);
    }

    internal static Masquerade Read(AttributeReader attributes)
    {
        NatFlags flags = default;
        NftRegister? port = null;
        NftRegister? last = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_MASQ_FLAGS:
                    flags = (NatFlags)attributes.ReadUInt32BigEndian() & ~NatFlags.PortGiven;
                    break;
                case NFTA_MASQ_REG_PROTO_MIN:
                    port = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_MASQ_REG_PROTO_MAX:
                    last = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Masquerade { Flags = flags, Port = port, LastPort = last == port ? null : last };
    }
}
