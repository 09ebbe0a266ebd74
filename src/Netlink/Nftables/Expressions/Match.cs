using System.Text;
using Netlink.Wire;

namespace Netlink.Nftables.Expressions;

/// <summary>
/// Goes on only if an extension of iptables matches: what iptables-nft uses where it knows no expression (<c>-m comment</c>,
/// <c>-m conntrack</c>). nft cannot print it.
/// </summary>
/// <param name="Extension">The extension's name.</param>
/// <param name="Revision">The version of its structure.</param>
/// <param name="Info">Its structure, which the extension alone understands.</param>
public sealed record Match(string Extension, uint Revision, NftValue Info) : NftExpression
{
    internal const string KernelName = "match";

    // enum nft_match_attributes, linux/netfilter/nf_tables_compat.h
    private const ushort NFTA_MATCH_NAME = 1;
    private const ushort NFTA_MATCH_REV = 2;
    private const ushort NFTA_MATCH_INFO = 3;

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>The text of <c>-m comment</c> (struct xt_comment_info, linux/netfilter/xt_comment.h); null for other extensions.</summary>
    public string? Comment => Extension == "comment" ? TextOf(Info.Bytes) : null;

    //   NFTA_MATCH_NAME  string
    //   NFTA_MATCH_REV   be32
    //   NFTA_MATCH_INFO  bytes
    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.WriteStringAttribute(NFTA_MATCH_NAME, Extension);
        writer.WriteUInt32BigEndianAttribute(NFTA_MATCH_REV, Revision);
        writer.WriteAttribute(NFTA_MATCH_INFO, Info.Bytes);
    }

    internal static Match Read(AttributeReader attributes)
    {
        string extension = "";
        uint revision = 0;
        NftValue info = default;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_MATCH_NAME:
                    extension = attributes.ReadString();
                    break;
                case NFTA_MATCH_REV:
                    revision = attributes.ReadUInt32BigEndian();
                    break;
                case NFTA_MATCH_INFO:
                    info = new NftValue(attributes.Value);
                    break;
            }
        }
        return new Match(extension, revision, info);
    }

    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
