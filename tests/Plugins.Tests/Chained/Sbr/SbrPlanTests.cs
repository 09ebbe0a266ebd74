using System.Net;
using Cni;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Plugins.Chained.Sbr;
using TestKit;

namespace Plugins.Tests.Chained.Sbr;

public sealed class SbrPlanTests
{
    private const int Index = 7;

    private static readonly SbrSettings s_plain = new() { Table = null, Gateway4 = null, Gateway6 = null, AddSourceHints = false };

    private static CniIp Ip(string address, string? gateway = null) =>
        new() { Address = TestCall.Prefix(address), Gateway = gateway is null ? null : IPAddress.Parse(gateway) };

    /// <summary><c>DESTINATION [via GATEWAY] [src SOURCE] [table TABLE] [dev INDEX] [metric N]</c></summary>
    private static RouteSpec Route(string text)
    {
        string[] words = text.Split(' ');
        string? After(string word) => Array.IndexOf(words, word) is >= 0 and var at ? words[at + 1] : null;
        return new RouteSpec
        {
            Destination = TestCall.Prefix(words[0]),
            Gateway = After("via") is { } gateway ? IPAddress.Parse(gateway) : null,
            PreferredSource = After("src") is { } source ? IPAddress.Parse(source) : null,
            Table = uint.Parse(After("table") ?? "254", System.Globalization.CultureInfo.InvariantCulture),
            OutputIndex = int.Parse(After("dev") ?? "7", System.Globalization.CultureInfo.InvariantCulture),
            Priority = After("metric") is { } metric ? uint.Parse(metric, System.Globalization.CultureInfo.InvariantCulture) : null,
            Type = RouteType.Unicast,
            Protocol = RouteProtocol.Kernel,
        };
    }

    private static string Text(RouteSpec route) =>
        $"{route.Destination}{(route.Gateway is { } gateway ? $" via {gateway}" : "")}"
        + $"{(route.PreferredSource is { } source ? $" src {source}" : "")}"
        + $"{(route.OnLink ? " onlink" : "")}{(route.Priority is { } metric ? $" metric {metric}" : "")} table {route.Table}";

    private static SbrPlan Make(SbrSettings settings, CniIp[] ips, string[] routes, params RuleSpec[] rules) =>
        SbrPlan.Make(settings, ips, Index, rules, [.. routes.Select(Route)]);

    private static string[] Rules(SbrPlan plan) => [.. plan.Rules.Select(rule => $"{rule.Source} {rule.Table}")];

    [Fact]
    public void One_address_gets_a_table_with_the_interfaces_routes()
    {
        SbrPlan plan = Make(
            s_plain,
            [Ip("10.1.2.3/24", "10.1.2.1")],
            ["0.0.0.0/0 via 10.1.2.1", "10.1.2.0/24 src 10.1.2.3", "10.9.0.0/16 dev 8", "10.8.0.0/16 via 10.1.2.9"]);
        Assert.Equal(["10.1.2.3/32 100"], Rules(plan));
        Assert.Equal(
            [
                "10.1.2.0/24 src 10.1.2.3 table 100",
                "0.0.0.0/0 via 10.1.2.1 table 100",
                "0.0.0.0/0 via 10.1.2.1 table 100",
                "10.8.0.0/16 via 10.1.2.9 table 100",
            ],
            plan.Routes.Select(Text));
        Assert.Equal(["10.1.2.0/24", "0.0.0.0/0", "10.8.0.0/16"], plan.Moved.Select(route => route.Destination.ToString()));
        Assert.All(plan.Routes, route => Assert.Equal(SourceRule.Protocol, route.Protocol));
    }

    [Fact]
    public void Tables_that_a_rule_or_a_route_uses_are_left_alone()
    {
        RuleSpec rule = new() { Family = IpFamily.IPv6, Table = 101, Action = RuleAction.ToTable };
        SbrPlan plan = Make(
            s_plain, [Ip("10.1.2.3/24"), Ip("fd00::3/64")], ["10.9.0.0/16 table 100 dev 8", "fd01::/64 table 103 dev 8"], rule);
        Assert.Equal(["10.1.2.3/32 102", "fd00::3/128 104"], Rules(plan));
    }

    [Fact]
    public void Route_of_no_address_stays_and_generic_ones_go_to_all_of_their_family()
    {
        SbrPlan plan = Make(
            s_plain,
            [Ip("10.1.2.3/24"), Ip("10.1.3.3/24"), Ip("fd00::3/64")],
            ["10.20.0.0/16", "10.21.0.0/16 via 10.1.3.9", "10.22.0.0/16 via 10.7.7.7", "fd05::/64", "fe80::/64"]);
        Assert.Equal(
            [
                "10.20.0.0/16 table 100",
                "10.20.0.0/16 table 101",
                "10.21.0.0/16 via 10.1.3.9 table 101",
                "fd05::/64 table 102",
                "fe80::/64 table 102",
            ],
            plan.Routes.Select(Text));
        // Link-local addresses are nobody's own.
        Assert.Equal(
            ["10.20.0.0/16", "10.21.0.0/16", "fd05::/64"],
            plan.Moved.Select(route => route.Destination.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Given_gateways_replace_default_routes()
    {
        SbrPlan plan = Make(
            s_plain with { Gateway4 = IPAddress.Parse("10.1.2.77"), Gateway6 = IPAddress.Parse("fe80::1") },
            [Ip("10.1.2.3/24", "10.1.2.1"), Ip("fd00::3/64", "fd00::1")],
            ["0.0.0.0/0 via 10.1.2.1", "::/0 via fd00::1"]);
        Assert.Equal(["0.0.0.0/0 via 10.1.2.77 table 100", "::/0 via fe80::1 table 101"], plan.Routes.Select(Text));
        Assert.Equal(2, plan.Moved.Count);
    }

    [Theory]
    [InlineData("10.1.2.3/32", "169.254.1.1", "0.0.0.0/0 via 169.254.1.1 onlink table 100")]
    [InlineData("10.1.2.3/24", "10.1.3.1", "0.0.0.0/0 via 10.1.3.1 onlink table 100")]
    [InlineData("fd00::3/128", "fe80::1", "::/0 via fe80::1 table 100")]
    public void Gateway_outside_the_subnet_is_on_the_link(string address, string gateway, string expected)
    {
        string all = address.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0";
        SbrPlan plan = Make(s_plain, [Ip(address, gateway)], [$"{all} via {gateway} metric 5"]);
        Assert.Equal(expected, Text(plan.Routes[0]));
        Assert.Single(plan.Moved);
    }

    [Fact]
    public void With_a_table_there_are_rules_and_nothing_else()
    {
        SbrPlan plan = Make(s_plain with { Table = 42 }, [Ip("10.1.2.3/24", "10.1.2.1"), Ip("fd00::3/64")], ["0.0.0.0/0 via 10.1.2.1"]);
        Assert.Equal(["10.1.2.3/32 42", "fd00::3/128 42"], Rules(plan));
        Assert.Empty(plan.Routes);
        Assert.Empty(plan.Moved);
        Assert.Empty(Make(s_plain with { Table = 42 }, [Ip("10.1.2.3/24")], [], [.. plan.Rules]).Rules);
    }

    [Fact]
    public void Hints_keep_what_is_on_the_link_in_the_main_table()
    {
        SbrPlan plan = Make(
            s_plain with { AddSourceHints = true },
            [Ip("10.1.2.3/24", "10.1.2.1"), Ip("fd00::3/64", "fd00::1")],
            ["10.1.2.0/24 src 10.1.2.3", "0.0.0.0/0 via 10.1.2.1", "fd00::/64 metric 256", "::/0 via fd00::1", "fd05::/64"]);
        Assert.Equal(["0.0.0.0/0", "::/0"], plan.Moved.Select(route => route.Destination.ToString()));
        Assert.Equal(["fd00::/64 src fd00::3 metric 256 table 254"], plan.Hints.Select(hint => Text(hint.After)));
        Assert.Contains("fd00::/64 metric 256 table 101", plan.Routes.Select(Text));
    }

    [Fact]
    public void Repeated_ADD_goes_on_with_its_table()
    {
        RuleSpec own = SourceRule.Create(TestCall.Prefix("10.1.2.3/24"), 100) with { Action = RuleAction.ToTable };
        SbrPlan plan = Make(s_plain, [Ip("10.1.2.3/24", "10.1.2.1")], ["10.1.2.0/24 table 100"], own);
        Assert.Empty(plan.Rules);
        Assert.Empty(plan.NewTables);
        Assert.Equal(["0.0.0.0/0 via 10.1.2.1 table 100"], plan.Routes.Select(Text));
        Assert.Equal(["10.1.2.3/32 101"], Rules(Make(s_plain, [Ip("10.1.2.3/24")], [], own with { Protocol = RouteProtocol.Static })));
    }
}
