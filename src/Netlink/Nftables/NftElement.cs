using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>An element of a set, or an entry of a map.</summary>
/// <param name="Key">The key; the lower end of an interval.</param>
public sealed record NftElement(NftValue Key)
{
    // enum nft_set_elem_attributes
    private const ushort NFTA_SET_ELEM_KEY = 1;
    private const ushort NFTA_SET_ELEM_DATA = 2;
    private const ushort NFTA_SET_ELEM_FLAGS = 3;
    private const ushort NFTA_SET_ELEM_USERDATA = 6;
    private const ushort NFTA_SET_ELEM_KEY_END = 10;

    private const uint NFT_SET_ELEM_INTERVAL_END = 1;

    /// <summary>In a set of concatenated intervals the upper end, inclusive.</summary>
    public NftValue? KeyEnd { get; init; }

    /// <summary>In any other set of intervals: whether the interval before ends in front of this key.</summary>
    public bool IsIntervalEnd { get; init; }

    /// <summary>What a map maps the key to.</summary>
    public NftValue? Value { get; init; }

    /// <summary>What a verdict map maps the key to.</summary>
    public NftVerdict? Verdict { get; init; }

    /// <summary>A note, see <see cref="NftComment"/>. The kernel keeps the one that came with the element's creation.</summary>
    public string? Comment { get; init; }

    /// <summary>The addresses of a prefix as elements of a set of intervals: its first address, and the one behind its last.</summary>
    public static NftElement[] Prefix(IpPrefix prefix)
    {
        NftElement first = new(NftValue.Of(prefix.Network));
        return NftValue.Of(prefix.Broadcast).Next() is { } end ? [first, new NftElement(end) { IsIntervalEnd = true }] : [first];
    }

    /// <summary>Key, and what it maps to.</summary>
    public override string ToString() => (Verdict, Value) switch
    {
        ({ } verdict, _) => $"{Key} : {verdict}",
        (_, { } value) => $"{Key} : {value}",
        _ => Key.ToString(),
    };

    // NFTA_LIST_ELEM of an element:
    //   NFTA_SET_ELEM_FLAGS     be32
    //   NFTA_SET_ELEM_KEY       NFTA_DATA_VALUE
    //   NFTA_SET_ELEM_KEY_END   NFTA_DATA_VALUE
    //   NFTA_SET_ELEM_DATA      NFTA_DATA_VALUE or NFTA_DATA_VERDICT
    //   NFTA_SET_ELEM_USERDATA  bytes
    internal void Write(NetlinkWriter writer, ushort type)
    {
        int nest = writer.BeginNest(type);
        WriteKey(writer);
        if (Value is { } value)
            NftData.Write(writer, NFTA_SET_ELEM_DATA, value);
        if (Verdict is { } verdict)
            NftData.Write(writer, NFTA_SET_ELEM_DATA, verdict);
        NftUserData.WriteComment(writer, NFTA_SET_ELEM_USERDATA, Comment);
        writer.EndNest(nest);
    }

    /// <summary>Writes only what tells one element from another.</summary>
    internal void WriteIdentity(NetlinkWriter writer, ushort type)
    {
        int nest = writer.BeginNest(type);
        WriteKey(writer);
        writer.EndNest(nest);
    }

    internal static NftElement Read(AttributeReader attributes)
    {
        NftValue key = default;
        NftValue? keyEnd = null;
        uint flags = 0;
        NftValue? value = null;
        NftVerdict? verdict = null;
        string? comment = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_SET_ELEM_KEY:
                    key = NftData.ReadValue(attributes.ReadNest());
                    break;
                case NFTA_SET_ELEM_DATA:
                    verdict = NftData.ReadVerdict(attributes.ReadNest());
                    value = verdict is null ? NftData.ReadValue(attributes.ReadNest()) : null;
                    break;
                case NFTA_SET_ELEM_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_ELEM_USERDATA:
                    comment = NftUserData.ReadComment(attributes.Value);
                    break;
                case NFTA_SET_ELEM_KEY_END:
                    keyEnd = NftData.ReadValue(attributes.ReadNest());
                    break;
            }
        }
        return new NftElement(key)
        {
            KeyEnd = keyEnd,
            IsIntervalEnd = (flags & NFT_SET_ELEM_INTERVAL_END) != 0,
            Value = value,
            Verdict = verdict,
            Comment = comment,
        };
    }

    private void WriteKey(NetlinkWriter writer)
    {
        if (IsIntervalEnd)
            writer.WriteUInt32BigEndianAttribute(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
        NftData.Write(writer, NFTA_SET_ELEM_KEY, Key);
        if (KeyEnd is { } end)
            NftData.Write(writer, NFTA_SET_ELEM_KEY_END, end);
    }
}
