using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>Values and verdicts inside other objects (enum nft_data_attributes, linux/netfilter/nf_tables.h).</summary>
internal static class NftData
{
    private const ushort NFTA_DATA_VALUE = 1;
    private const ushort NFTA_DATA_VERDICT = 2;

    /// <summary>Writes a value.</summary>
    public static void Write(NetlinkWriter writer, ushort type, NftValue value)
    {
        int nest = writer.BeginNest(type);
        writer.WriteAttribute(NFTA_DATA_VALUE, value.Bytes);
        writer.EndNest(nest);
    }

    /// <summary>Writes a verdict.</summary>
    public static void Write(NetlinkWriter writer, ushort type, NftVerdict verdict)
    {
        int nest = writer.BeginNest(type);
        verdict.Write(writer, NFTA_DATA_VERDICT);
        writer.EndNest(nest);
    }

    /// <summary>Reads a value; empty if there is none.</summary>
    public static NftValue ReadValue(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_DATA_VALUE)
                return new NftValue(attributes.Value);
        }
        return default;
    }

    /// <summary>Reads a verdict; null if something else is there.</summary>
    public static NftVerdict? ReadVerdict(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_DATA_VERDICT)
                return NftVerdict.Read(attributes.ReadNest());
        }
        return null;
    }
}
