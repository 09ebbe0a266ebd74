using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Rewrites the destination to this host, and perhaps its port.</summary>
public sealed record Redirect : NftExpression
{
    internal const string KernelName = "redir";

    // enum nft_redir_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_REDIR_REG_PROTO_MIN = 1;
    private const ushort NFTA_REDIR_REG_PROTO_MAX = 2;
    private const ushort NFTA_REDIR_FLAGS = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the port is.</summary>
    public NftRegister? Port { get; init; }

    /// <summary>Where the last port of a range is.</summary>
    public NftRegister? LastPort { get; init; }

    /// <summary>How the port is chosen; that one is given is added by itself.</summary>
    public NatFlags Flags { get; init; }

    //   NFTA_REDIR_REG_PROTO_MIN  be32
    //   NFTA_REDIR_REG_PROTO_MAX  be32
    //   NFTA_REDIR_FLAGS          be32, if there are any
    private protected override void WriteData(NetlinkWriter writer)
    {
        if (Port is { } port)
            writer.WriteUInt32BigEndianAttribute(NFTA_REDIR_REG_PROTO_MIN, (uint)port);
        if (LastPort is { } last)
            writer.WriteUInt32BigEndianAttribute(NFTA_REDIR_REG_PROTO_MAX, (uint)last);
        if (Port is not null || Flags != NatFlags.None)
            writer.WriteUInt32BigEndianAttribute(NFTA_REDIR_FLAGS, (uint)(Port is null ? Flags : Flags | NatFlags.PortGiven));
    }

    internal static Redirect Read(AttributeReader attributes)
    {
        NftRegister? port = null;
        NftRegister? last = null;
        NatFlags flags = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_REDIR_REG_PROTO_MIN:
                    port = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_REDIR_REG_PROTO_MAX:
                    last = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_REDIR_FLAGS:
                    flags = (NatFlags)attributes.ReadUInt32BigEndian() & ~NatFlags.PortGiven;
                    break;
            }
        }
        return new Redirect { Port = port, LastPort = last == port ? null : last, Flags = flags };
    }
}
