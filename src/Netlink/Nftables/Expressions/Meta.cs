using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Loads what the kernel knows about the packet into a register, or sets it from one.</summary>
/// <param name="Key">What.</param>
public sealed record Meta(MetaKey Key) : NftExpression
{
    internal const string KernelName = "meta";

    // enum nft_meta_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_META_DREG = 1;
    private const ushort NFTA_META_KEY = 2;
    private const ushort NFTA_META_SREG = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the value goes, or comes from.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    /// <summary>Whether the packet's property is set from the register.</summary>
    public bool Sets { get; init; }

    //   NFTA_META_KEY   be32
    //   NFTA_META_DREG  be32, to load
    //   NFTA_META_SREG  be32, to set
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_META_KEY, (uint)Key);
        writer.WriteUInt32BigEndianAttribute(Sets ? NFTA_META_SREG : NFTA_META_DREG, (uint)Register);
    }

    internal static Meta Read(AttributeReader attributes)
    {
        uint key = 0;
        NftRegister register = default;
        bool sets = false;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_META_KEY:
                    key = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_META_DREG or NFTA_META_SREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    sets = attributes.Type == NFTA_META_SREG;
                    break;
            }
        }
        return new Meta((MetaKey)key) { Register = register, Sets = sets };
    }
}

/// <summary>What the kernel knows about a packet (enum nft_meta_keys, linux/netfilter/nf_tables.h).</summary>
public enum MetaKey : uint
{
    /// <summary>NFT_META_PROTOCOL: 2 bytes, ETH_P_* in network byte order.</summary>
    Protocol = 1,

    /// <summary>NFT_META_PRIORITY: 4 bytes in host byte order, the class of a queueing discipline.</summary>
    Priority = 2,

    /// <summary>NFT_META_MARK: 4 bytes in host byte order.</summary>
    Mark = 3,

    /// <summary>NFT_META_IIF: 4 bytes, index of the interface it came in by.</summary>
    InputInterfaceIndex = 4,

    /// <summary>NFT_META_OIF: 4 bytes, index of the interface it goes out by.</summary>
    OutputInterfaceIndex = 5,

    /// <summary>NFT_META_IIFNAME: 16 bytes.</summary>
    InputInterfaceName = 6,

    /// <summary>NFT_META_OIFNAME: 16 bytes.</summary>
    OutputInterfaceName = 7,

    /// <summary>NFT_META_IIFTYPE: 2 bytes, ARPHRD_* in host byte order.</summary>
    InputInterfaceType = 8,

    /// <summary>NFT_META_NFPROTO: 1 byte, NFPROTO_*.</summary>
    NetfilterProtocol = 15,

    /// <summary>NFT_META_L4PROTO: 1 byte, IPPROTO_*.</summary>
    TransportProtocol = 16,

    /// <summary>NFT_META_BRI_IIFNAME: 16 bytes, the bridge that the port it came in by belongs to.</summary>
    InputBridgeName = 17,

    /// <summary>NFT_META_BRI_OIFNAME: 16 bytes, the bridge that the port it goes out by belongs to.</summary>
    OutputBridgeName = 18,

    /// <summary>NFT_META_PKTTYPE: 1 byte, PACKET_*.</summary>
    PacketType = 19,
}
