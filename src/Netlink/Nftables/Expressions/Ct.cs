using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Loads what conntrack knows about the packet's connection into a register, or sets it from one.</summary>
/// <param name="Key">What.</param>
public sealed record Ct(CtKey Key) : NftExpression
{
    internal const string KernelName = "ct";

    // enum nft_ct_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_CT_DREG = 1;
    private const ushort NFTA_CT_KEY = 2;
    private const ushort NFTA_CT_DIRECTION = 3;
    private const ushort NFTA_CT_SREG = 4;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the value goes, or comes from.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    /// <summary>Whether the connection's property is set from the register.</summary>
    public bool Sets { get; init; }

    /// <summary>The direction that is asked for, where the key has one.</summary>
    public CtDirection? Direction { get; init; }

    //   NFTA_CT_KEY        be32
    //   NFTA_CT_DREG       be32, to load
    //   NFTA_CT_SREG       be32, to set
    //   NFTA_CT_DIRECTION  u8, of keys that have one
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_CT_KEY, (uint)Key);
        writer.WriteUInt32BigEndianAttribute(Sets ? NFTA_CT_SREG : NFTA_CT_DREG, (uint)Register);
        if (Direction is { } direction)
            writer.WriteUInt8Attribute(NFTA_CT_DIRECTION, (byte)direction);
    }

    internal static Ct Read(AttributeReader attributes)
    {
        uint key = 0;
        NftRegister register = default;
        bool sets = false;
        CtDirection? direction = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_CT_KEY:
                    key = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_CT_DREG or NFTA_CT_SREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    sets = attributes.Type == NFTA_CT_SREG;
                    break;
                case NFTA_CT_DIRECTION:
                    direction = (CtDirection)attributes.ReadUInt8();
                    break;
            }
        }
        return new Ct((CtKey)key) { Register = register, Sets = sets, Direction = direction };
    }
}

/// <summary>What conntrack knows about a connection (enum nft_ct_keys, linux/netfilter/nf_tables.h).</summary>
public enum CtKey : uint
{
    /// <summary>NFT_CT_STATE: 4 bytes in host byte order, <see cref="CtState"/>.</summary>
    State = 0,

    /// <summary>NFT_CT_DIRECTION: 1 byte.</summary>
    Direction = 1,

    /// <summary>NFT_CT_STATUS: 4 bytes in host byte order, <see cref="CtStatus"/>.</summary>
    Status = 2,

    /// <summary>NFT_CT_MARK: 4 bytes in host byte order.</summary>
    Mark = 3,

    /// <summary>NFT_CT_L3PROTOCOL: 1 byte, NFPROTO_*; has a direction.</summary>
    NetworkProtocol = 7,

    /// <summary>NFT_CT_PROTOCOL: 1 byte, IPPROTO_*; has a direction.</summary>
    TransportProtocol = 10,

    /// <summary>NFT_CT_PROTO_SRC: 2 bytes in network byte order; has a direction.</summary>
    SourcePort = 11,

    /// <summary>NFT_CT_PROTO_DST: 2 bytes in network byte order; has a direction.</summary>
    DestinationPort = 12,

    /// <summary>NFT_CT_SRC_IP: 4 bytes; has a direction.</summary>
    SourceAddress = 19,

    /// <summary>NFT_CT_DST_IP: 4 bytes; has a direction.</summary>
    DestinationAddress = 20,

    /// <summary>NFT_CT_SRC_IP6: 16 bytes; has a direction.</summary>
    SourceAddress6 = 21,

    /// <summary>NFT_CT_DST_IP6: 16 bytes; has a direction.</summary>
    DestinationAddress6 = 22,
}

/// <summary>Directions of a connection (enum ip_conntrack_dir, linux/netfilter/nf_conntrack_tuple_common.h).</summary>
public enum CtDirection : byte
{
    /// <summary>IP_CT_DIR_ORIGINAL.</summary>
    Original = 0,

    /// <summary>IP_CT_DIR_REPLY.</summary>
    Reply = 1,
}

/// <summary>States of a packet in its connection (NF_CT_STATE_BIT, linux/netfilter/nf_conntrack_common.h).</summary>
[Flags]
public enum CtState : uint
{
    /// <summary>NF_CT_STATE_INVALID_BIT.</summary>
    Invalid = 0x1,

    /// <summary>NF_CT_STATE_BIT(IP_CT_ESTABLISHED).</summary>
    Established = 0x2,

    /// <summary>NF_CT_STATE_BIT(IP_CT_RELATED).</summary>
    Related = 0x4,

    /// <summary>NF_CT_STATE_BIT(IP_CT_NEW).</summary>
    New = 0x8,

    /// <summary>NF_CT_STATE_UNTRACKED_BIT.</summary>
    Untracked = 0x40,
}
