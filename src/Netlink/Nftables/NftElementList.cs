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

    /// <summary>Reads the elements of one message; the kernel numbers them by the attribute's type.</summary>
    public static List<NftElement> Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NftMessage.AttributesOf(payload);
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
