using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>A named set, or a map if it has a type of values.</summary>
/// <param name="Table">The table it is in.</param>
/// <param name="Name">Its name, unique among the sets and maps of the table.</param>
/// <param name="KeyType">What its keys are.</param>
public sealed record NftSet(NftTable Table, string Name, NftDataType KeyType)
{
    // enum nft_set_attributes
    private const ushort NFTA_SET_TABLE = 1;
    private const ushort NFTA_SET_NAME = 2;
    private const ushort NFTA_SET_FLAGS = 3;
    private const ushort NFTA_SET_KEY_TYPE = 4;
    private const ushort NFTA_SET_KEY_LEN = 5;
    private const ushort NFTA_SET_DATA_TYPE = 6;
    private const ushort NFTA_SET_DATA_LEN = 7;
    private const ushort NFTA_SET_DESC = 9;
    private const ushort NFTA_SET_ID = 10;
    private const ushort NFTA_SET_USERDATA = 13;
    private const ushort NFTA_SET_HANDLE = 16;

    // enum nft_set_desc_attributes, nft_list_attributes, nft_set_field_attributes
    private const ushort NFTA_SET_DESC_CONCAT = 2;
    private const ushort NFTA_LIST_ELEM = 1;
    private const ushort NFTA_SET_FIELD_LEN = 1;

    /// <summary>What it maps keys to; null for a set.</summary>
    public NftDataType? ValueType { get; init; }

    /// <summary>NFT_SET_*; the map flag and that of concatenated intervals are added by themselves.</summary>
    public NftSetFlags Flags { get; init; }

    /// <summary>
    /// Bytes of each part of a concatenated key. Only a set of intervals needs them: the kernel compares part by part.
    /// </summary>
    public IReadOnlyList<int> KeyParts { get; init; } = [];

    /// <summary>A note, see <see cref="NftComment"/>; kept from the set's creation on.</summary>
    public string? Comment { get; init; }

    /// <summary>The kernel's number of it, as read from the kernel.</summary>
    public ulong Handle { get; init; }

    /// <summary>Whether it maps keys to values or verdicts.</summary>
    public bool IsMap => ValueType is not null;

    /// <summary>As nft says it: <c>inet filter blocked</c>.</summary>
    public override string ToString() => $"{Table} {Name}";

    // NFT_MSG_NEWSET:
    //   NFTA_SET_TABLE      string
    //   NFTA_SET_NAME       string
    //   NFTA_SET_FLAGS      be32
    //   NFTA_SET_KEY_TYPE   be32
    //   NFTA_SET_KEY_LEN    be32
    //   NFTA_SET_DATA_TYPE  be32, of a map
    //   NFTA_SET_DATA_LEN   be32, of a map
    //   NFTA_SET_ID         be32, unique in the batch
    //   NFTA_SET_DESC       of concatenated intervals: NFTA_SET_DESC_CONCAT of NFTA_LIST_ELEM of NFTA_SET_FIELD_LEN be32
    //   NFTA_SET_USERDATA   bytes
    internal void Write(NetlinkWriter writer, uint id)
    {
        bool isConcatenatedInterval = Flags.HasFlag(NftSetFlags.Interval) && KeyParts.Count > 1;
        NftSetFlags flags = Flags
            | (IsMap ? NftSetFlags.Map : NftSetFlags.None)
            | (isConcatenatedInterval ? NftSetFlags.Concatenated : NftSetFlags.None);
        WriteName(writer);
        writer.WriteUInt32BigEndianAttribute(NFTA_SET_FLAGS, (uint)flags);
        writer.WriteUInt32BigEndianAttribute(NFTA_SET_KEY_TYPE, KeyType.Number);
        writer.WriteUInt32BigEndianAttribute(NFTA_SET_KEY_LEN, (uint)KeyType.Length);
        if (ValueType is { } valueType)
        {
            writer.WriteUInt32BigEndianAttribute(NFTA_SET_DATA_TYPE, valueType.Number);
            writer.WriteUInt32BigEndianAttribute(NFTA_SET_DATA_LEN, (uint)valueType.Length);
        }
        writer.WriteUInt32BigEndianAttribute(NFTA_SET_ID, id);
        if (isConcatenatedInterval)
            WriteParts(writer);
        NftUserData.WriteSet(writer, NFTA_SET_USERDATA, KeyType.Order, ValueType?.Order, Comment);
    }

    internal void WriteName(NetlinkWriter writer)
    {
        writer.WriteStringAttribute(NFTA_SET_TABLE, Table.Name);
        writer.WriteStringAttribute(NFTA_SET_NAME, Name);
    }

    internal static void WriteTable(NetlinkWriter writer, NftTable table) => writer.WriteStringAttribute(NFTA_SET_TABLE, table.Name);

    internal static NftSet Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        string table = "";
        string name = "";
        NftSetFlags flags = default;
        (uint keyType, int keyLength) = (0, 0);
        (uint? valueType, int valueLength) = (null, 0);
        List<int> parts = [];
        ReadOnlySpan<byte> userData = [];
        ulong handle = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_SET_TABLE:
                    table = attributes.ReadString();
                    break;
                case NFTA_SET_NAME:
                    name = attributes.ReadString();
                    break;
                case NFTA_SET_FLAGS:
                    flags = (NftSetFlags)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_KEY_TYPE:
                    keyType = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_KEY_LEN:
                    keyLength = (int)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_DATA_TYPE:
                    valueType = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_DATA_LEN:
                    valueLength = (int)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_SET_DESC:
                    parts = ReadParts(attributes.ReadNest());
                    break;
                case NFTA_SET_USERDATA:
                    userData = attributes.Value;
                    break;
                case NFTA_SET_HANDLE:
                    handle = attributes.ReadUInt64BigEndian();
                    break;
            }
        }
        (NftByteOrder keyOrder, NftByteOrder valueOrder) = NftUserData.ReadSetByteOrders(userData);
        return new NftSet(new NftTable(NftMessage.FamilyOf(payload), table), name, new NftDataType(keyType, keyLength, keyOrder))
        {
            ValueType = valueType switch
            {
                null => null,
                // The kernel tells the size of its own struct nft_verdict.
                { } type when type == NftDataType.Verdict.Number => NftDataType.Verdict,
                { } type => new NftDataType(type, valueLength, valueOrder),
            },
            Flags = flags & ~(NftSetFlags.Map | NftSetFlags.Concatenated),
            KeyParts = parts,
            Comment = NftUserData.ReadSetComment(userData),
            Handle = handle,
        };
    }

    private void WriteParts(NetlinkWriter writer)
    {
        int description = writer.BeginNest(NFTA_SET_DESC);
        int concatenation = writer.BeginNest(NFTA_SET_DESC_CONCAT);
        foreach (int part in KeyParts)
        {
            int element = writer.BeginNest(NFTA_LIST_ELEM);
            writer.WriteUInt32BigEndianAttribute(NFTA_SET_FIELD_LEN, (uint)part);
            writer.EndNest(element);
        }
        writer.EndNest(concatenation);
        writer.EndNest(description);
    }

    private static List<int> ReadParts(AttributeReader description)
    {
        List<int> parts = [];
        while (description.MoveNext())
        {
            if (description.Type != NFTA_SET_DESC_CONCAT)
                continue;
            AttributeReader list = description.ReadNest();
            while (list.MoveNext())
            {
                AttributeReader part = list.ReadNest();
                while (part.MoveNext())
                {
                    if (part.Type == NFTA_SET_FIELD_LEN)
                        parts.Add((int)part.ReadUInt32BigEndian());
                }
            }
        }
        return parts;
    }
}
