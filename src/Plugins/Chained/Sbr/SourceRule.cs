using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Route.Rules;

namespace Plugins.Chained.Sbr;

/// <summary>The rules that <c>sbr</c> makes: all that a pod sends from one address is routed by a table of its own.</summary>
internal static class SourceRule
{
    /// <summary>
    /// Marks our rules and routes (RTA_PROTOCOL, FRA_PROTOCOL), so that they are found when the addresses are gone. No routing daemon of
    /// linux/rtnetlink.h or of iproute2's rt_protos has this number.
    /// </summary>
    public const RouteProtocol Protocol = (RouteProtocol)147;

    /// <summary>A new rule.</summary>
    public static RuleSpec Create(IpPrefix address, uint table) => new()
    {
        Family = address.Family,
        Source = IpPrefix.Host(address.Address),
        Table = table,
        Protocol = Protocol,
    };

    /// <summary>
    /// Whether a rule is one of this kind, whoever made it: a source address and a table that the kernel gives no meaning, nothing else.
    /// </summary>
    public static bool Is(RuleSpec rule) => rule is
    {
        Action: RuleAction.ToTable, Destination: null, InputName: null, OutputName: null, Mark: null, Source: { } source, Table: { } table,
    } && source.Length == source.MaxLength && !RoutingTables.IsReserved(table);

    /// <summary>Whether a rule of this kind is for an address.</summary>
    public static bool IsFor(RuleSpec rule, IpPrefix address) => rule.Source is { } source && source.Address.Equals(address.Address);
}
