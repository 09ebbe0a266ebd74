using Netlink.Netfilter;
using Netlink.Nftables.Expressions;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>A rule: expressions that are evaluated one after the other until one does not match or gives a verdict.</summary>
/// <param name="Chain">The chain it is in.</param>
/// <param name="Expressions">What it does.</param>
public sealed record NftRule(NftChain Chain, IReadOnlyList<NftExpression> Expressions)
{
    // enum nft_rule_attributes
    private const ushort NFTA_RULE_TABLE = 1;
    private const ushort NFTA_RULE_CHAIN = 2;
    private const ushort NFTA_RULE_HANDLE = 3;
    private const ushort NFTA_RULE_EXPRESSIONS = 4;
    private const ushort NFTA_RULE_POSITION = 6;
    private const ushort NFTA_RULE_USERDATA = 7;

    // enum nft_list_attributes
    private const ushort NFTA_LIST_ELEM = 1;

    /// <summary>A note, see <see cref="NftComment"/>.</summary>
    public string? Comment { get; init; }

    /// <summary>The kernel's number of it, as read from the kernel.</summary>
    public ulong Handle { get; init; }

    /// <summary>Whether both do the same, wherever they are and whatever their comments say.</summary>
    public bool HasSameExpressionsAs(NftRule other) => Expressions.SequenceEqual(other.Expressions);

    /// <summary>Names the chain and, if known, the handle: <c>inet filter input handle 7</c>.</summary>
    public override string ToString() => Handle == 0 ? Chain.ToString() : $"{Chain} handle {Handle}";

    // NFT_MSG_NEWRULE:
    //   NFTA_RULE_TABLE        string
    //   NFTA_RULE_CHAIN        string
    //   NFTA_RULE_HANDLE       be64, which rule to replace
    //   NFTA_RULE_EXPRESSIONS  NFTA_LIST_ELEM each
    //   NFTA_RULE_POSITION     be64, behind (add) or before (insert) which rule
    //   NFTA_RULE_USERDATA     bytes
    internal void Write(NetlinkWriter writer, ulong replaces, ulong position)
    {
        WriteName(writer, replaces);
        int list = writer.BeginNest(NFTA_RULE_EXPRESSIONS);
        foreach (NftExpression expression in Expressions)
            expression.Write(writer, NFTA_LIST_ELEM);
        writer.EndNest(list);
        if (position != 0)
            writer.WriteUInt64BigEndianAttribute(NFTA_RULE_POSITION, position);
        NftUserData.WriteComment(writer, NFTA_RULE_USERDATA, Comment);
    }

    internal void WriteName(NetlinkWriter writer, ulong handle) => WriteName(writer, Chain, handle);

    internal static void WriteName(NetlinkWriter writer, NftChain chain, ulong handle)
    {
        WriteTable(writer, chain.Table);
        writer.WriteStringAttribute(NFTA_RULE_CHAIN, chain.Name);
        if (handle != 0)
            writer.WriteUInt64BigEndianAttribute(NFTA_RULE_HANDLE, handle);
    }

    internal static void WriteTable(NetlinkWriter writer, NftTable table) => writer.WriteStringAttribute(NFTA_RULE_TABLE, table.Name);

    internal static NftRule Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        string table = "";
        string chain = "";
        List<NftExpression> expressions = [];
        ulong handle = 0;
        string? comment = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_RULE_TABLE:
                    table = attributes.ReadString();
                    break;
                case NFTA_RULE_CHAIN:
                    chain = attributes.ReadString();
                    break;
                case NFTA_RULE_HANDLE:
                    handle = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_RULE_EXPRESSIONS:
                    expressions = ReadExpressions(attributes.ReadNest());
                    break;
                case NFTA_RULE_USERDATA:
                    comment = NftUserData.ReadComment(attributes.Value);
                    break;
            }
        }
        return new NftRule(new NftChain(new NftTable(NftMessage.FamilyOf(payload), table), chain), expressions)
        {
            Comment = comment,
            Handle = handle,
        };
    }

    private static List<NftExpression> ReadExpressions(AttributeReader attributes)
    {
        List<NftExpression> expressions = [];
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_LIST_ELEM)
                expressions.Add(NftExpression.ReadElement(attributes.ReadNest()));
        }
        return expressions;
    }
}
