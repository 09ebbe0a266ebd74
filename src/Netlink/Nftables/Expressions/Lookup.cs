using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>Goes on only if a register's value is in a set; a map gives what it maps the value to.</summary>
/// <param name="Set">Name of the set or map, in the same table.</param>
public sealed record Lookup(string Set) : NftExpression
{
    internal const string KernelName = "lookup";

    // enum nft_lookup_attributes, linux/netfilter/nf_tables.h
    private const ushort NFTA_LOOKUP_SET = 1;
    private const ushort NFTA_LOOKUP_SREG = 2;
    private const ushort NFTA_LOOKUP_DREG = 3;
    private const ushort NFTA_LOOKUP_FLAGS = 5;

    private const uint NFT_LOOKUP_F_INV = 1;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>Where the key is.</summary>
    public NftRegister Source { get; init; } = NftRegister.First;

    /// <summary>Where a map's value goes; the register of verdicts for a verdict map; null for a set.</summary>
    public NftRegister? Destination { get; init; }

    /// <summary>Whether to go on only if the value is not in the set.</summary>
    public bool IsInverted { get; init; }

    /// <summary>Asks a verdict map (<c>vmap</c>).</summary>
    public static Lookup Verdict(string map) => new(map) { Destination = NftRegister.Verdict };

    //   NFTA_LOOKUP_SREG   be32
    //   NFTA_LOOKUP_DREG   be32, of a map
    //   NFTA_LOOKUP_SET    string
    //   NFTA_LOOKUP_FLAGS  be32, if there are any
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteUInt32BigEndianAttribute(NFTA_LOOKUP_SREG, (uint)Source);
        if (Destination is { } destination)
            writer.WriteUInt32BigEndianAttribute(NFTA_LOOKUP_DREG, (uint)destination);
        writer.WriteStringAttribute(NFTA_LOOKUP_SET, Set);
        if (IsInverted)
            writer.WriteUInt32BigEndianAttribute(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    }

    internal static Lookup Read(AttributeReader attributes)
    {
        NftRegister source = default;
        NftRegister? destination = null;
        string set = "";
        uint flags = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_LOOKUP_SREG:
                    source = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_LOOKUP_DREG:
                    destination = (NftRegister)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_LOOKUP_SET:
                    set = attributes.ReadString();
                    break;
                case NFTA_LOOKUP_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
            }
        }
        return new Lookup(set) { Source = source, Destination = destination, IsInverted = (flags & NFT_LOOKUP_F_INV) != 0 };
    }
}
