using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Conntrack;

/// <summary>Which connections to list, by the packet that began them.</summary>
/// <param name="Family">That of the addresses.</param>
/// <param name="Protocol">IPPROTO_*, one that has ports.</param>
public sealed record ConntrackFilter(IpFamily Family, byte Protocol)
{
    // enum ctattr_type and enum ctattr_filter, linux/netfilter/nfnetlink_conntrack.h
    private const ushort CTA_FILTER = 25;
    private const ushort CTA_FILTER_ORIG_FLAGS = 1;
    private const ushort CTA_FILTER_REPLY_FLAGS = 2;

    // net/netfilter/nf_internals.h
    private const uint CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
    private const uint CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;

    /// <summary>The port that the packet was sent to; null for any.</summary>
    public ushort? DestinationPort { get; init; }

    /// <summary>Whether a connection is meant; older kernels send all of them.</summary>
    internal bool Allows(ConntrackEntry entry) =>
        entry.Original.Protocol == Protocol && (DestinationPort is not { } port || entry.Original.DestinationPort == port);

    // IPCTNL_MSG_CT_GET:
    //   CTA_TUPLE_ORIG  what is compared
    //   CTA_FILTER      CTA_FILTER_ORIG_FLAGS u32, CTA_FILTER_REPLY_FLAGS u32: which parts of the tuples are compared
    internal void Write(NetlinkWriter writer)
    {
        ConntrackTuple.WriteFilter(writer, ConntrackEntry.CTA_TUPLE_ORIG, Protocol, DestinationPort);
        int nest = writer.BeginNest(CTA_FILTER);
        writer.WriteUInt32Attribute(
            CTA_FILTER_ORIG_FLAGS, CTA_FILTER_F_CTA_PROTO_NUM | (DestinationPort is null ? 0 : CTA_FILTER_F_CTA_PROTO_DST_PORT));
        writer.WriteUInt32Attribute(CTA_FILTER_REPLY_FLAGS, 0);
        writer.EndNest(nest);
    }
}
