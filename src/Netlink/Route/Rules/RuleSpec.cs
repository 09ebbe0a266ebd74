using Linux.Addresses;
using Netlink.Route.Routes;

namespace Netlink.Route.Rules;

/// <summary>A rule of policy routing, as it is to be made and as it is read back. What is null matches everything.</summary>
public sealed record RuleSpec
{
    /// <summary>The family whose packets it is about.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>
    /// FRA_PRIORITY (<c>pref</c> in ip): the lowest is asked first; if null, the kernel puts it before the first that is not 0.
    /// </summary>
    public uint? Priority { get; init; }

    /// <summary>FRA_SRC: no host bits.</summary>
    public IpPrefix? Source { get; init; }

    /// <summary>FRA_DST: no host bits.</summary>
    public IpPrefix? Destination { get; init; }

    /// <summary>FRA_IIFNAME: the name of the interface that packets came in by.</summary>
    public string? InputName { get; init; }

    /// <summary>FRA_OIFNAME: the name of the interface that the sender bound its socket to.</summary>
    public string? OutputName { get; init; }

    /// <summary>FRA_FWMARK.</summary>
    public uint? Mark { get; init; }

    /// <summary>FRA_FWMASK: which bits of the mark count; all unless told.</summary>
    public uint? MarkMask { get; init; }

    /// <summary>What it does. If null, a new rule looks up a table, and one with any action is deleted.</summary>
    public RuleAction? Action { get; init; }

    /// <summary>
    /// FRA_TABLE: where to look the route up. If null, a new rule gets <see cref="RouteTable.Main"/>, and one with any is deleted.
    /// </summary>
    public uint? Table { get; init; }

    /// <summary>FRA_PROTOCOL: who made it.</summary>
    public RouteProtocol? Protocol { get; init; }
}

/// <summary>What a rule does with packets. Source: linux/fib_rules.h.</summary>
public enum RuleAction : byte
{
    /// <summary>FR_ACT_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>FR_ACT_TO_TBL: looks the route up in a table.</summary>
    ToTable = 1,

    /// <summary>FR_ACT_GOTO: goes on at another rule.</summary>
    Goto = 2,

    /// <summary>FR_ACT_NOP: nothing.</summary>
    Nothing = 3,

    /// <summary>FR_ACT_BLACKHOLE: drops them.</summary>
    Blackhole = 6,

    /// <summary>FR_ACT_UNREACHABLE: drops them and says "network unreachable".</summary>
    Unreachable = 7,

    /// <summary>FR_ACT_PROHIBIT: drops them and says "administratively prohibited".</summary>
    Prohibit = 8,
}
