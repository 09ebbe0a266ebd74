namespace Netlink.Route.TrafficControl;

/// <summary>Attributes of qdiscs and filters. Source: linux/rtnetlink.h.</summary>
internal static class TrafficControlAttribute
{
    /// <summary>TCA_KIND.</summary>
    public const ushort Kind = 1;

    /// <summary>TCA_OPTIONS: a nest of the kind's own attributes.</summary>
    public const ushort Options = 2;
}

/// <summary>Attributes of a token bucket. Source: linux/pkt_sched.h.</summary>
internal static class TokenBucketAttribute
{
    /// <summary>TCA_TBF_PARMS: struct tc_tbf_qopt.</summary>
    public const ushort Parameters = 1;

    /// <summary>TCA_TBF_RATE64: a rate that needs more than 32 bits.</summary>
    public const ushort Rate64 = 4;
}

/// <summary>Attributes of a u32 filter. Source: linux/pkt_cls.h.</summary>
internal static class U32Attribute
{
    /// <summary>TCA_U32_CLASSID.</summary>
    public const ushort ClassId = 1;

    /// <summary>TCA_U32_DIVISOR: what is described is a hash table of filters.</summary>
    public const ushort Divisor = 4;

    /// <summary>TCA_U32_SEL: struct tc_u32_sel.</summary>
    public const ushort Selector = 5;

    /// <summary>TCA_U32_ACT: a nest of actions, numbered from 1.</summary>
    public const ushort Actions = 7;
}

/// <summary>Attributes of a bpf filter. Source: linux/pkt_cls.h.</summary>
internal static class BpfAttribute
{
    /// <summary>TCA_BPF_ACT: a nest of actions, numbered from 1.</summary>
    public const ushort Actions = 1;
}

/// <summary>Attributes of a flower filter. Source: linux/pkt_cls.h.</summary>
internal static class FlowerAttribute
{
    /// <summary>TCA_FLOWER_ACT: a nest of actions, numbered from 1.</summary>
    public const ushort Actions = 3;
}

/// <summary>Attributes of a matchall filter. Source: linux/pkt_cls.h.</summary>
internal static class MatchAllAttribute
{
    /// <summary>TCA_MATCHALL_ACT: a nest of actions, numbered from 1.</summary>
    public const ushort Actions = 2;
}

/// <summary>Attributes of an action. Source: linux/pkt_cls.h.</summary>
internal static class ActionAttribute
{
    /// <summary>TCA_ACT_KIND.</summary>
    public const ushort Kind = 1;

    /// <summary>TCA_ACT_OPTIONS: a nest of the kind's own attributes.</summary>
    public const ushort Options = 2;
}

/// <summary>Attributes of a mirred action. Source: linux/tc_act/tc_mirred.h.</summary>
internal static class MirredAttribute
{
    /// <summary>TCA_MIRRED_PARMS: struct tc_mirred.</summary>
    public const ushort Parameters = 2;
}

/// <summary>What a mirred action does, and where. Source: linux/tc_act/tc_mirred.h.</summary>
internal static class MirredAction
{
    /// <summary>TCA_EGRESS_REDIR: sends the packet out of the other interface, and nowhere else.</summary>
    public const int EgressRedirect = 1;
}

/// <summary>What becomes of a packet behind an action. Source: linux/pkt_cls.h.</summary>
internal static class FilterVerdict
{
    /// <summary>TC_ACT_PIPE: the filter's next action.</summary>
    public const int Pipe = 3;

    /// <summary>TC_ACT_STOLEN: the action has kept it.</summary>
    public const int Stolen = 4;
}
