using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.TrafficControl;

/// <summary>Messages about filters as bytes (RTM_NEWTFILTER and its kin).</summary>
internal static class FilterMessage
{
    private const byte TC_U32_TERMINAL = 1; // linux/pkt_cls.h

    /// <summary>Bytes of struct tc_u32_sel without its keys.</summary>
    public const int SelectorSize = 16;

    /// <summary>Bytes of struct tc_u32_key.</summary>
    public const int KeySize = 16;

    /// <summary>Bytes of struct tc_mirred.</summary>
    public const int MirredSize = 28;

    // linux/if_ether.h
    private const ushort ETH_P_ALL = 3;

    // RTM_NEWTFILTER, net/sched/cls_api.c tc_new_tfilter:
    //   struct tcmsg       no handle: chosen by the kernel
    //   TCA_KIND    "u32"
    //   TCA_OPTIONS nest
    //     TCA_U32_CLASSID u32
    //     TCA_U32_SEL     see below
    //     TCA_U32_ACT     nest
    //       1             nest    the first action
    //         TCA_ACT_KIND    "mirred"
    //         TCA_ACT_OPTIONS nest
    //           TCA_MIRRED_PARMS  see below
    public static void WriteNew(NetlinkWriter writer, U32RedirectSpec filter)
    {
        TrafficControlMessage.WriteHeader(writer, filter.LinkIndex, filter.Parent, handle: 0, Info(filter.Priority, ETH_P_ALL));
        writer.WriteStringAttribute(TrafficControlAttribute.Kind, "u32");
        int options = writer.BeginAttribute(TrafficControlAttribute.Options);
        writer.WriteUInt32Attribute(U32Attribute.ClassId, filter.ClassId.Value);
        WriteMatchAll(writer);
        int actions = writer.BeginAttribute(U32Attribute.Actions);
        int action = writer.BeginAttribute(1);
        writer.WriteStringAttribute(ActionAttribute.Kind, "mirred");
        int actionOptions = writer.BeginNest(ActionAttribute.Options);
        WriteRedirect(writer, filter.Target);
        writer.EndNest(actionOptions);
        writer.EndNest(action);
        writer.EndNest(actions);
        writer.EndNest(options);
    }

    // struct tc_u32_sel, linux/pkt_cls.h:
    //   u8  flags      TC_U32_TERMINAL
    //   u8  offshift
    //   u8  nkeys      1
    //   u8  padding
    //   u16 offmask, u16 off, s16 offoff, s16 hoff, u32 hmask    0
    //   struct tc_u32_key
    //     u32 mask, u32 val, s32 off, s32 offmask    0: every packet
    private static void WriteMatchAll(NetlinkWriter writer)
    {
        int selector = writer.BeginAttribute(U32Attribute.Selector);
        writer.WriteUInt8(TC_U32_TERMINAL);
        writer.WriteUInt8(0);
        writer.WriteUInt8(1);
        writer.WriteBytes(stackalloc byte[SelectorSize - 3 + KeySize]);
        writer.EndNest(selector);
    }

    // struct tc_mirred, linux/tc_act/tc_mirred.h:
    //   u32 index, u32 capab    0
    //   s32 action              TC_ACT_*
    //   s32 refcnt, s32 bindcnt 0
    //   s32 eaction             TCA_EGRESS_REDIR
    //   u32 ifindex
    private static void WriteRedirect(NetlinkWriter writer, int target)
    {
        int parameters = writer.BeginAttribute(MirredAttribute.Parameters);
        writer.WriteBytes(stackalloc byte[8]);
        writer.WriteInt32(FilterVerdict.Stolen);
        writer.WriteBytes(stackalloc byte[8]);
        writer.WriteInt32(MirredAction.EgressRedirect);
        writer.WriteInt32(target);
        writer.EndNest(parameters);
    }

    // RTM_DELTFILTER of one filter:
    //   struct tcmsg
    //   TCA_KIND string
    public static void WriteReference(NetlinkWriter writer, Filter filter)
    {
        TrafficControlMessage.WriteHeader(writer, filter.LinkIndex, filter.Parent, filter.Handle, Info(filter.Priority, filter.Protocol));
        writer.WriteStringAttribute(TrafficControlAttribute.Kind, filter.Kind);
    }

    /// <summary>
    /// Reads an RTM_NEWTFILTER; null for what a dump has besides filters: one message for each priority, and one for each hash table of
    /// a u32.
    /// </summary>
    public static Filter? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewFilter)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, TrafficControlMessage.HeaderSize);
        uint handle = (uint)header.ReadInt32(8), info = (uint)header.ReadInt32(16);
        if (handle == 0)
            return null;
        string kind = "";
        List<FilterAction> actions = [];
        AttributeReader attributes = new(payload[TrafficControlMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == TrafficControlAttribute.Kind)
                kind = attributes.ReadString();
            // The kernel writes a kind before its options.
            else if (attributes.Type == TrafficControlAttribute.Options && !TryReadActions(kind, attributes.ReadNest(), actions))
                return null;
        }
        return new Filter
        {
            LinkIndex = header.ReadInt32(4),
            Handle = handle,
            Parent = TcHandle.FromValue((uint)header.ReadInt32(12)),
            Priority = (ushort)(info >> 16),
            Protocol = BinaryPrimitives.ReverseEndianness((ushort)info),
            Kind = kind,
            Actions = actions,
        };
    }

    private static uint Info(ushort priority, ushort protocol) => ((uint)priority << 16) | BinaryPrimitives.ReverseEndianness(protocol);

    /// <summary>False if this is no filter but a hash table.</summary>
    private static bool TryReadActions(string kind, AttributeReader options, List<FilterAction> actions)
    {
        int actionsOfKind = kind switch
        {
            "u32" => U32Attribute.Actions,
            "bpf" => BpfAttribute.Actions,
            "flower" => FlowerAttribute.Actions,
            "matchall" => MatchAllAttribute.Actions,
            _ => -1,
        };
        while (options.MoveNext())
        {
            if (kind == "u32" && options.Type == U32Attribute.Divisor)
                return false;
            if (options.Type != actionsOfKind)
                continue;
            AttributeReader list = options.ReadNest();
            while (list.MoveNext())
                actions.Add(ReadAction(list.ReadNest()));
        }
        return true;
    }

    private static FilterAction ReadAction(AttributeReader attributes)
    {
        string kind = "";
        int? verdict = null, target = null;
        while (attributes.MoveNext())
        {
            if (attributes.Type == ActionAttribute.Kind)
                kind = attributes.ReadString();
            else if (attributes.Type == ActionAttribute.Options && kind == "mirred")
                (verdict, target) = ReadMirred(attributes.ReadNest());
        }
        return new FilterAction { Kind = kind, Verdict = verdict, RedirectTarget = target };
    }

    private static (int? Verdict, int? Target) ReadMirred(AttributeReader options)
    {
        while (options.MoveNext())
        {
            if (options.Type != MirredAttribute.Parameters)
                continue;
            ReadOnlySpan<byte> parameters = RouteAttributes.Header(options.Value, MirredSize);
            int? target = parameters.ReadInt32(20) == MirredAction.EgressRedirect ? parameters.ReadInt32(24) : null;
            return (MemoryMarshal.Read<int>(parameters[8..]), target);
        }
        return (null, null);
    }
}
