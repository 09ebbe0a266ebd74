using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Loads what the packet's route says into a register.</summary>
/// <param name="Key">What.</param>
public sealed record Rt(RtKey Key) : NftExpression
{
    internal const string KernelName = "rt";

    // enum nft_rt_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_RT_DREG = 1;
    private const ushort NFTA_RT_KEY = 2;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the value goes.</summary>
    public NftRegister Register { get; init; } = NftRegister.First;

    //   NFTA_RT_KEY   be32
    //   NFTA_RT_DREG  be32
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_RT_KEY, (uint)Key);
        writer.WriteUInt32BigEndianAttribute(NFTA_RT_DREG, (uint)Register);
    }

    internal static Rt Read(AttributeReader attributes)
    {
        uint key = 0;
        NftRegister register = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_RT_DREG:
                    register = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_RT_KEY:
                    key = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Rt((RtKey)key) { Register = register };
    }
}

/// <summary>What a route says (enum nft_rt_keys, linux/netfilter/nf_tables.h).</summary>
public enum RtKey : uint
{
    /// <summary>NFT_RT_CLASSID: 4 bytes in host byte order, the realm.</summary>
    ClassId = 0,

    /// <summary>NFT_RT_NEXTHOP4: 4 bytes, the gateway or the destination itself.</summary>
    NextHop = 1,

    /// <summary>NFT_RT_NEXTHOP6: 16 bytes, the gateway or the destination itself.</summary>
    NextHop6 = 2,

    /// <summary>
    /// NFT_RT_TCPMSS: 2 bytes in host byte order, the TCP segment size that fits the routes to the packet's destination and back.
    /// </summary>
    TcpMss = 3,

    /// <summary>NFT_RT_XFRM: 1 byte, whether IPsec applies.</summary>
    Xfrm = 4,
}
