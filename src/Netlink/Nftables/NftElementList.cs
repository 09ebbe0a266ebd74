using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>Messages about elements (enum nft_set_elem_list_attributes, linux/netfilter/nf_tables.h).</summary>
internal static class NftElementList
{
    public const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;

    private const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    private const ushort NFTA_SET_ELEM_LIST_SET = 2;

    // enum nft_list_attributes
    private const ushort NFTA_LIST_ELEM = 1;

    /// <summary>Writes which set.</summary>
    public static void WriteName(NetlinkWriter writer, NftSet set)
    {
        writer.WriteStringAttribute(NFTA_SET_ELEM_LIST_TABLE, set.Table.Name);
        writer.WriteStringAttribute(NFTA_SET_ELEM_LIST_SET, set.Name);
    }

    /// <summary>Writes a list of one element without what it maps to.</summary>
    public static void WriteOne(NetlinkWriter writer, NftElement element)
    {
        int list = writer.BeginNest(NFTA_SET_ELEM_LIST_ELEMENTS);
        element.WriteIdentity(writer, NFTA_LIST_ELEM);
        writer.EndNest(list);
    }

    /// <summary>Finds out which of some sets a message is about.</summary>
    /// <exception cref="WireFormatException">None of them.</exception>
    public static NftSet FindSet(ReadOnlySpan<byte> payload, IEnumerable<NftSet> sets)
    {
        string table = "", name = "";
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_SET_ELEM_LIST_TABLE)
                table = attributes.ReadString();
            else if (attributes.Type == NFTA_SET_ELEM_LIST_SET)
                name = attributes.ReadString();
        }
        // struct nfgenmsg begins with the family.
        byte family = payload[0];
        return sets.FirstOrDefault(set => set.Name == name && set.Table.Name == table && (byte)set.Table.Family == family)
            ?? throw new WireFormatException($"elements of {table} {name}, which was not asked for", 0);
    }

    /// <summary>Reads the elements of one message; the kernel numbers them by the attribute's type.</summary>
    public static List<NftElement> Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        List<NftElement> elements = [];
        while (attributes.MoveNext())
        {
            if (attributes.Type != NFTA_SET_ELEM_LIST_ELEMENTS)
                continue;
            AttributeReader list = attributes.ReadNest();
            while (list.MoveNext())
                elements.Add(NftElement.Read(list.ReadNest()));
        }
        return elements;
    }
}
