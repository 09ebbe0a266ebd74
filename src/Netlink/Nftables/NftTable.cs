using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>A table: everything else lives in one.</summary>
/// <param name="Family">Which packets it sees.</param>
/// <param name="Name">Its name, unique in the family.</param>
public sealed record NftTable(NftFamily Family, string Name)
{
    // enum nft_table_attributes
    private const ushort NFTA_TABLE_NAME = 1;
    private const ushort NFTA_TABLE_FLAGS = 2;
    private const ushort NFTA_TABLE_USE = 3;
    private const ushort NFTA_TABLE_HANDLE = 4;
    private const ushort NFTA_TABLE_USERDATA = 6;

    private const uint NFT_TABLE_F_DORMANT = 1;

    /// <summary>Whether its chains are unhooked.</summary>
    public bool IsDormant { get; init; }

    /// <summary>A note, see <see cref="NftComment"/>; kept from the table's creation on.</summary>
    public string? Comment { get; init; }

    /// <summary>Chains, sets and other objects in it, as read from the kernel.</summary>
    public uint Use { get; init; }

    /// <summary>The kernel's number of it, as read from the kernel.</summary>
    public ulong Handle { get; init; }

    /// <summary>As nft says it: <c>inet filter</c>.</summary>
    public override string ToString() => $"{Family.Word} {Name}";

    // NFT_MSG_NEWTABLE:
    //   NFTA_TABLE_NAME      string
    //   NFTA_TABLE_FLAGS     be32
    //   NFTA_TABLE_USERDATA  bytes
    internal void Write(NetlinkWriter writer)
    {
        WriteName(writer);
        writer.WriteUInt32BigEndianAttribute(NFTA_TABLE_FLAGS, IsDormant ? NFT_TABLE_F_DORMANT : 0);
        NftUserData.WriteComment(writer, NFTA_TABLE_USERDATA, Comment);
    }

    internal void WriteName(NetlinkWriter writer) => writer.WriteStringAttribute(NFTA_TABLE_NAME, Name);

    internal static NftTable Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        string name = "";
        uint flags = 0;
        uint use = 0;
        ulong handle = 0;
        string? comment = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_TABLE_NAME:
                    name = attributes.ReadString();
                    break;
                case NFTA_TABLE_FLAGS:
                    flags = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_TABLE_USE:
                    use = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_TABLE_HANDLE:
                    handle = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_TABLE_USERDATA:
                    comment = NftUserData.ReadComment(attributes.Value);
                    break;
            }
        }
        return new NftTable(NftMessage.FamilyOf(payload), name)
        {
            IsDormant = (flags & NFT_TABLE_F_DORMANT) != 0,
            Comment = comment,
            Use = use,
            Handle = handle,
        };
    }
}
