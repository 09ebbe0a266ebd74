using System.Runtime.InteropServices;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.TrafficControl;

/// <summary>Messages about qdiscs as bytes (RTM_NEWQDISC and its kin).</summary>
internal static class QdiscMessage
{
    // RTM_NEWQDISC, net/sched/sch_api.c tc_modify_qdisc:
    //   struct tcmsg
    //   TCA_KIND    string
    //   TCA_OPTIONS nest    the kind's own
    public static void WriteNew(NetlinkWriter writer, QdiscSpec qdisc)
    {
        TrafficControlMessage.WriteHeader(writer, qdisc.LinkIndex, qdisc.Parent, qdisc.Handle.Value);
        writer.WriteStringAttribute(TrafficControlAttribute.Kind, qdisc.Kind);
        if (!qdisc.HasOptions)
            return;
        int options = writer.BeginAttribute(TrafficControlAttribute.Options);
        qdisc.WriteOptions(writer);
        writer.EndNest(options);
    }

    // RTM_DELQDISC and RTM_GETQDISC of one qdisc:
    //   struct tcmsg    the handle may be 0 where the parent says which
    //   TCA_KIND string only if another kind shall be refused
    public static void WriteReference(NetlinkWriter writer, int link, TcHandle parent, TcHandle handle, string? kind)
    {
        TrafficControlMessage.WriteHeader(writer, link, parent, handle.Value);
        if (kind is not null)
            writer.WriteStringAttribute(TrafficControlAttribute.Kind, kind);
    }

    /// <summary>Reads an RTM_NEWQDISC.</summary>
    public static Qdisc? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewQdisc)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, TrafficControlMessage.HeaderSize);
        string kind = "";
        TokenBucket? bucket = null;
        AttributeReader attributes = new(payload[TrafficControlMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case TrafficControlAttribute.Kind: kind = attributes.ReadString(); break;
                // The kernel writes a kind before its options.
                case TrafficControlAttribute.Options when kind == "tbf": bucket = ReadBucket(attributes.ReadNest()); break;
            }
        }
        return new Qdisc
        {
            LinkIndex = header.ReadInt32(4),
            Handle = TcHandle.FromValue((uint)header.ReadInt32(8)),
            Parent = TcHandle.FromValue((uint)header.ReadInt32(12)),
            Kind = kind,
            Bucket = bucket,
        };
    }

    private static TokenBucket ReadBucket(AttributeReader options)
    {
        ReadOnlySpan<byte> parameters = new byte[TbfSpec.ParametersSize];
        ulong? rate64 = null;
        while (options.MoveNext())
        {
            switch (options.Type)
            {
                case TokenBucketAttribute.Parameters: parameters = RouteAttributes.Header(options.Value, TbfSpec.ParametersSize); break;
                case TokenBucketAttribute.Rate64: rate64 = options.ReadUInt64(); break;
            }
        }
        return new TokenBucket
        {
            Rate = rate64 ?? MemoryMarshal.Read<uint>(parameters[8..]),
            Limit = MemoryMarshal.Read<uint>(parameters[24..]),
            Buffer = MemoryMarshal.Read<uint>(parameters[28..]),
        };
    }
}
