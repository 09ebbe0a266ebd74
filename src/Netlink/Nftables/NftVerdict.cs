using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>What becomes of a packet.</summary>
/// <param name="Code">The decision.</param>
/// <param name="Chain">Where to go on, for a jump or goto.</param>
public readonly record struct NftVerdict(NftVerdictCode Code, string? Chain = null)
{
    // enum nft_verdict_attributes
    private const ushort NFTA_VERDICT_CODE = 1;
    private const ushort NFTA_VERDICT_CHAIN = 2;

    /// <summary>The packet passes this hook.</summary>
    public static NftVerdict Accept => new(NftVerdictCode.Accept);

    /// <summary>The packet is gone.</summary>
    public static NftVerdict Drop => new(NftVerdictCode.Drop);

    /// <summary>Back behind the jump, or to the base chain's policy.</summary>
    public static NftVerdict Return => new(NftVerdictCode.Return);

    /// <summary>The rest of this rule is skipped.</summary>
    public static NftVerdict Break => new(NftVerdictCode.Break);

    /// <summary>On to the next rule.</summary>
    public static NftVerdict Continue => new(NftVerdictCode.Continue);

    /// <summary>On in another chain, and back here at its end.</summary>
    public static NftVerdict Jump(string chain) => new(NftVerdictCode.Jump, chain);

    /// <summary>On in another chain; its end is the end of this one.</summary>
    public static NftVerdict Goto(string chain) => new(NftVerdictCode.Goto, chain);

    /// <summary>As nft says it: <c>goto web</c>.</summary>
    public override string ToString() =>
        Chain is null ? Code.ToString().ToLowerInvariant() : $"{Code.ToString().ToLowerInvariant()} {Chain}";

    // NFTA_DATA_VERDICT:
    //   NFTA_VERDICT_CODE   be32
    //   NFTA_VERDICT_CHAIN  string, for a jump or goto
    internal void Write(NetlinkWriter writer, ushort type)
    {
        int nest = writer.BeginNest(type);
        writer.WriteUInt32BigEndianAttribute(NFTA_VERDICT_CODE, (uint)Code);
        if (Chain is not null)
            writer.WriteStringAttribute(NFTA_VERDICT_CHAIN, Chain);
        writer.EndNest(nest);
    }

    internal static NftVerdict Read(AttributeReader attributes)
    {
        NftVerdictCode code = default;
        string? chain = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_VERDICT_CODE:
                    code = (NftVerdictCode)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_VERDICT_CHAIN:
                    chain = attributes.ReadString();
                    break;
            }
        }
        return new NftVerdict(code, chain);
    }
}

/// <summary>Decisions (enum nft_verdicts, linux/netfilter/nf_tables.h, and NF_*, linux/netfilter.h).</summary>
public enum NftVerdictCode
{
    /// <summary>NF_DROP.</summary>
    Drop = 0,

    /// <summary>NF_ACCEPT.</summary>
    Accept = 1,

    /// <summary>NFT_CONTINUE.</summary>
    Continue = -1,

    /// <summary>NFT_BREAK.</summary>
    Break = -2,

    /// <summary>NFT_JUMP.</summary>
    Jump = -3,

    /// <summary>NFT_GOTO.</summary>
    Goto = -4,

    /// <summary>NFT_RETURN.</summary>
    Return = -5,
}
