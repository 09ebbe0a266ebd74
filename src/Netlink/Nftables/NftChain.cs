using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>A chain: a list of rules.</summary>
/// <param name="Table">The table it is in.</param>
/// <param name="Name">Its name, unique in the table.</param>
public sealed record NftChain(NftTable Table, string Name)
{
    // enum nft_chain_attributes
    private const ushort NFTA_CHAIN_TABLE = 1;
    private const ushort NFTA_CHAIN_HANDLE = 2;
    private const ushort NFTA_CHAIN_NAME = 3;
    private const ushort NFTA_CHAIN_HOOK = 4;
    private const ushort NFTA_CHAIN_POLICY = 5;
    private const ushort NFTA_CHAIN_USE = 6;
    private const ushort NFTA_CHAIN_TYPE = 7;
    private const ushort NFTA_CHAIN_USERDATA = 12;

    /// <summary>Its place in the path of packets; null for a chain that is only jumped to.</summary>
    public NftBaseChain? Base { get; init; }

    /// <summary>A note, see <see cref="NftComment"/>; kept from the chain's creation on.</summary>
    public string? Comment { get; init; }

    /// <summary>Its rules, and the jumps to it, as read from the kernel.</summary>
    public uint Use { get; init; }

    /// <summary>The kernel's number of it, as read from the kernel.</summary>
    public ulong Handle { get; init; }

    /// <summary>As nft says it: <c>inet filter input</c>.</summary>
    public override string ToString() => $"{Table} {Name}";

    // NFT_MSG_NEWCHAIN:
    //   NFTA_CHAIN_TABLE     string
    //   NFTA_CHAIN_NAME      string
    //   of a base chain:
    //     NFTA_CHAIN_TYPE    string
    //     NFTA_CHAIN_POLICY  be32
    //     NFTA_CHAIN_HOOK    nest
    //   NFTA_CHAIN_USERDATA  bytes
    internal void Write(NetlinkWriter writer)
    {
        WriteName(writer);
        if (Base is not null)
        {
            writer.WriteStringAttribute(NFTA_CHAIN_TYPE, Base.Type);
            writer.WriteUInt32BigEndianAttribute(NFTA_CHAIN_POLICY, (uint)Base.Policy);
            Base.WriteHook(writer, NFTA_CHAIN_HOOK);
        }
        NftUserData.WriteComment(writer, NFTA_CHAIN_USERDATA, Comment);
    }

    internal void WriteName(NetlinkWriter writer)
    {
        writer.WriteStringAttribute(NFTA_CHAIN_TABLE, Table.Name);
        writer.WriteStringAttribute(NFTA_CHAIN_NAME, Name);
    }

    internal static NftChain Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        string table = "";
        string name = "";
        string type = "";
        AttributeReader hook = default;
        bool isBase = false;
        NftPolicy policy = NftPolicy.Accept;
        uint use = 0;
        ulong handle = 0;
        string? comment = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_CHAIN_TABLE:
                    table = attributes.ReadString();
                    break;
                case NFTA_CHAIN_HANDLE:
                    handle = attributes.ReadUInt64BigEndian();
                    break;
                case NFTA_CHAIN_NAME:
                    name = attributes.ReadString();
                    break;
                case NFTA_CHAIN_HOOK:
                    isBase = true;
                    hook = attributes.ReadNest();
                    break;
                case NFTA_CHAIN_POLICY:
                    policy = (NftPolicy)attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_CHAIN_USE:
                    use = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_CHAIN_TYPE:
                    type = attributes.ReadString();
                    break;
                case NFTA_CHAIN_USERDATA:
                    comment = NftUserData.ReadComment(attributes.Value);
                    break;
            }
        }
        return new NftChain(new NftTable(NftMessage.FamilyOf(payload), table), name)
        {
            Base = isBase ? NftBaseChain.ReadHook(hook, type, policy) : null,
            Comment = comment,
            Use = use,
            Handle = handle,
        };
    }
}
