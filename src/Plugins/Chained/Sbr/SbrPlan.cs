using System.Net;
using Cni;
using Datapath.Links;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Route.Rules;

namespace Plugins.Chained.Sbr;

/// <summary>What an ADD of <c>sbr</c> is to do, decided before anything is changed.</summary>
internal sealed class SbrPlan
{
    // As the reference; numbers below are often given names by people (/etc/iproute2/rt_tables).
    private const uint FirstTable = 100;

    private readonly SbrSettings _settings;
    private readonly int _index;
    private readonly IReadOnlyList<RuleSpec> _rules;
    private readonly List<RouteSpec> _main;

    private SbrPlan(SbrSettings settings, int index, IReadOnlyList<RuleSpec> rules, IReadOnlyList<RouteSpec> routes)
    {
        (_settings, _index, _rules) = (settings, index, rules);
        // What is on the link comes first: a gateway can be added only once it can be reached.
        _main =
            [.. routes.Where(route => route.Table == RouteTable.Main && route.Type == RouteType.Unicast && route.Through(index) is not null)
            .OrderBy(static route => route.IsOnLink() ? 0 : 1)];
    }

    /// <summary>Rules to add.</summary>
    public List<RuleSpec> Rules { get; } = [];

    /// <summary>Routes to put into tables.</summary>
    public List<RouteSpec> Routes { get; } = [];

    /// <summary>The tables that hold nothing yet: a failed ADD may empty them.</summary>
    public HashSet<uint> NewTables { get; } = [];

    /// <summary>Routes of the main table to take out of it, as they are now.</summary>
    public List<RouteSpec> Moved { get; } = [];

    /// <summary>Routes of the main table that get a source address: as they are now, and as they are to be.</summary>
    public List<(RouteSpec Before, RouteSpec After)> Hints { get; } = [];

    /// <summary>Makes the plan.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="ips">The interface's addresses.</param>
    /// <param name="index">The interface.</param>
    /// <param name="rules">All rules of the pod.</param>
    /// <param name="routes">All routes of the pod.</param>
    public static SbrPlan Make(
        SbrSettings settings, IEnumerable<CniIp> ips, int index, IReadOnlyList<RuleSpec> rules, IReadOnlyList<RouteSpec> routes)
    {
        SbrPlan plan = new(settings, index, rules, routes);
        RoutingTables tables = new(rules, routes);
        foreach (CniIp ip in ips)
        {
            if (settings.Table is { } table)
                plan.AddRule(ip.Address, table);
            else
                plan.FillTable(ip, tables);
        }
        return plan;
    }

    private void AddRule(IpPrefix address, uint table)
    {
        if (!_rules.Any(rule => SourceRule.IsFor(rule, address) && rule.Table == table))
            Rules.Add(SourceRule.Create(address, table));
    }

    private void FillTable(CniIp ip, RoutingTables tables)
    {
        // A repeated ADD completes what the first one has begun.
        RuleSpec? begun = _rules.FirstOrDefault(
            rule => SourceRule.Is(rule) && SourceRule.IsFor(rule, ip.Address) && rule.Protocol == SourceRule.Protocol);
        if (begun is not { Table: { } table })
        {
            table = tables.TakeFree(FirstTable);
            _ = NewTables.Add(table);
            Rules.Add(SourceRule.Create(ip.Address, table));
        }
        List<RouteSpec> own = _main.FindAll(route => Belongs(route, ip));
        Routes.AddRange(own.Where(static route => route.IsOnLink()).Select(InTable));
        if ((_settings.StaticGatewayFor(ip) ?? ip.Gateway) is { } gateway)
            Routes.Add(DefaultRoute(ip.Address, gateway, table));
        Routes.AddRange(own.Where(route => !route.IsOnLink() && !IsReplaced(route, ip)).Select(InTable));
        foreach (RouteSpec route in own)
            Release(route, ip);

        RouteSpec InTable(RouteSpec route) => route.Through(_index)! with { Table = table, Protocol = SourceRule.Protocol };
    }

    /// <summary>Whether an address uses a route: its source or gateway is the address's neighbour, or it has neither.</summary>
    public static bool Belongs(RouteSpec route, CniIp ip)
    {
        if (route.Destination.IsIPv6 != ip.Address.IsIPv6)
            return false;
        if (route.PreferredSource is { } source && ip.Address.Contains(source))
            return true;
        IPAddress[] gateways = [.. route.Gateways()];
        return gateways.Length == 0
            ? route.PreferredSource is null
            : gateways.Any(gateway => ip.Address.Contains(gateway) || gateway.IsIPv6LinkLocal || gateway.Equals(ip.Gateway));
    }

    private bool IsReplaced(RouteSpec route, CniIp ip) => route.Destination.Length == 0 && _settings.StaticGatewayFor(ip) is not null;

    private RouteSpec DefaultRoute(IpPrefix address, IPAddress gateway, uint table) => new()
    {
        Destination = new IpPrefix(address.IsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0),
        Gateway = gateway,
        OutputIndex = _index,
        OnLink = !gateway.IsIPv6LinkLocal && (address.Length == address.MaxLength || !address.Contains(gateway)),
        Table = table,
        Protocol = SourceRule.Protocol,
    };

    /// <summary>Decides what becomes of a route in the main table.</summary>
    private void Release(RouteSpec route, CniIp ip)
    {
        // Link-local addresses belong to no table: a neighbour answers from them whatever address it was asked by.
        if (Moved.Contains(route) || route.Destination.Address.IsIPv6LinkLocal)
            return;
        if (!_settings.AddSourceHints || !route.IsOnLink())
            Moved.Add(route);
        else if (route.PreferredSource is null && route.Destination == ip.Address.Masked && !Hints.Exists(hint => hint.Before == route))
            Hints.Add((route, route with { PreferredSource = ip.Address.Address }));
    }
}
