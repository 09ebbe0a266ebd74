using Netlink.Netfilter;
using Netlink.Wire;

namespace Netlink.Conntrack;

/// <summary>A connection that the kernel tracks.</summary>
/// <param name="Original">As the packet that began it looked, before any address was rewritten.</param>
/// <param name="Reply">As the answers look when they arrive: from where the packet was sent in truth.</param>
public sealed record ConntrackEntry(ConntrackTuple Original, ConntrackTuple Reply)
{
    // enum ctattr_type, linux/netfilter/nfnetlink_conntrack.h
    internal const ushort CTA_TUPLE_ORIG = 1;
    private const ushort CTA_TUPLE_REPLY = 2;
    private const ushort CTA_STATUS = 3;
    private const ushort CTA_ID = 12;
    private const ushort CTA_ZONE = 18;

    /// <summary>CTA_STATUS.</summary>
    public CtStatus Status { get; init; }

    /// <summary>CTA_ID: tells it from a later connection with the same addresses and ports.</summary>
    public uint Id { get; init; }

    /// <summary>CTA_ZONE: the zone, if it is not the default one.</summary>
    public ushort? Zone { get; init; }

    // IPCTNL_MSG_CT_DELETE. Without a tuple the kernel would empty the whole table (ctnetlink_del_conntrack,
    // net/netfilter/nf_conntrack_netlink.c).
    //   CTA_TUPLE_ORIG  nest
    //   CTA_ID          be32
    //   CTA_ZONE        be16, if it has one
    internal void WriteIdentity(NetlinkWriter writer)
    {
        Original.Write(writer, CTA_TUPLE_ORIG);
        writer.WriteUInt32BigEndianAttribute(CTA_ID, Id);
        if (Zone is { } zone)
            writer.WriteUInt16BigEndianAttribute(CTA_ZONE, zone);
    }

    /// <summary>Null for a connection of a protocol without ports.</summary>
    internal static ConntrackEntry? Read(ReadOnlySpan<byte> payload)
    {
        AttributeReader attributes = NetfilterMessage.AttributesOf(payload);
        (ConntrackTuple? original, ConntrackTuple? reply) = (null, null);
        uint status = 0;
        uint id = 0;
        ushort? zone = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTA_TUPLE_ORIG:
                    original = ConntrackTuple.Read(attributes.ReadNest());
                    break;
                case CTA_TUPLE_REPLY:
                    reply = ConntrackTuple.Read(attributes.ReadNest());
                    break;
                case CTA_STATUS:
                    status = attributes.ReadUInt32BigEndian();
                    break;
                case CTA_ID:
                    id = attributes.ReadUInt32BigEndian();
                    break;
                case CTA_ZONE:
                    zone = attributes.ReadUInt16BigEndian();
                    break;
            }
        }
        return original is null || reply is null
            ? null
            : new ConntrackEntry(original, reply) { Status = (CtStatus)status, Id = id, Zone = zone };
    }
}
