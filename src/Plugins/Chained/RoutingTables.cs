using Netlink.Route.Routes;
using Netlink.Route.Rules;

namespace Plugins.Chained;

/// <summary>The routing tables of a pod that are in use: a rule looks them up, a route is in them, or a VRF stands for them.</summary>
internal sealed class RoutingTables
{
    private readonly HashSet<uint> _used = [0, RouteTable.Default, RouteTable.Main, RouteTable.Local];

    public RoutingTables(IEnumerable<RuleSpec> rules, IEnumerable<RouteSpec> routes)
    {
        _used.UnionWith(rules.Select(static rule => rule.Table ?? 0));
        _used.UnionWith(routes.Select(static route => route.Table));
    }

    /// <summary>Whether a number is one of those that every kernel gives a meaning.</summary>
    public static bool IsReserved(uint table) => table is 0 or RouteTable.Default or RouteTable.Main or RouteTable.Local;

    /// <summary>Takes the first free table from a number on.</summary>
    public uint TakeFree(uint from)
    {
        uint table = from;
        while (!_used.Add(table))
            table++;
        return table;
    }

    /// <summary>Marks a table as used.</summary>
    public void Use(uint table) => _ = _used.Add(table);
}
