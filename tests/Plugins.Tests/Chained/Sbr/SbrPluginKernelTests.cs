using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Plugins.Chained.Sbr;
using TestKit;

namespace Plugins.Tests.Chained.Sbr;

public sealed class SbrPluginKernelTests : NodeKernelTest
{
    private readonly int _index;

    public SbrPluginKernelTests()
    {
        _index = MakeVeth();
        NodeClient.SetLink(NodeClient.FindLink("host0")!.Index, new LinkChange { Up = true });
        Pod.Run(() => Sysctl.Write("net/ipv6/conf/eth0/accept_dad", "0"));
        RouteBatch batch = new();
        batch.AddAddress(_index, new AddressSpec { Address = TestCall.Prefix("10.1.2.3/24") });
        batch.AddAddress(_index, new AddressSpec { Address = TestCall.Prefix("fd00:2::3/64"), NoDad = true });
        batch.SetLink(_index, new LinkChange { Up = true });
        batch.AddRoute(Default("10.1.2.1"));
        batch.AddRoute(Default("fd00:2::1"));
        PodClient.Execute(batch);
    }

    private const string Ips = """
        "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 1}, {"address": "fd00:2::3/64", "gateway": "fd00:2::1",
        "interface": 1}]
        """;

    private string PrevResult => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "host0"}, {"name": "eth0", "sandbox": "{{PathOf(Pod)}}"}],
          {{Ips}}, "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}
        """;

    private RouteSpec Default(string gateway) => new()
    {
        Destination = TestCall.Prefix(gateway.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0"),
        Gateway = System.Net.IPAddress.Parse(gateway),
        OutputIndex = _index,
    };

    private string Call(string command, string members, int expect = 0, string? netns = null)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        int status = Node.Run(() => CniProgram.Run(host, new SbrPlugin()));
        string output = string.Concat(host.Outputs);
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    private string Add(string members = "", int expect = 0) => Call("ADD", Join(members), expect);

    private string Check(string members = "", int expect = 0) => Call("CHECK", Join(members), expect);

    private string Join(string members) => members.Length > 0 ? $"{members}, {PrevResult}" : PrevResult;

    private string[] Rules() =>
        [
            .. PodClient.ListRules()
                .Where(rule => rule.Source is not null)
                .Select(rule => $"{rule.Source} {rule.Table}")
                .Order(StringComparer.Ordinal),
        ];

    private string[] Routes(uint table) => [.. PodClient.ListRoutes(new RouteFilter { Table = table })
        .Where(route => !route.Destination.Address.IsIPv6LinkLocal && !route.Destination.Address.IsIPv6Multicast)
        .Select(route =>
            $"{route.Destination}{(route.Gateway is { } gateway ? $" via {gateway}" : "")}"
            + $"{(route.PreferredSource is { } source ? $" src {source}" : "")}")
        .Order(StringComparer.Ordinal)];

    /// <summary>
    /// But for what the kernel makes in its own time: its own table, in which IPv6 addresses appear, and what is link-local.
    /// </summary>
    private string Everything() =>
        string.Join('\n', PodClient.ListRules().Select(rule => rule.ToString()).Concat(PodClient.ListRoutes(new RouteFilter())
        .Where(route =>
            route.Table != RouteTable.Local && !route.Destination.Address.IsIPv6LinkLocal && !route.Destination.Address.IsIPv6Multicast)
        .Select(route =>
            $"{route.Destination} {route.Gateway} {route.OutputIndex} {route.Table} {route.Scope} {route.Protocol} {route.Priority} "
            + $"{route.PreferredSource} {route.Type}"))
        .Order(StringComparer.Ordinal));

    [Fact]
    public void Each_address_gets_its_table_and_DEL_takes_it_back()
    {
        _ = Add();
        Assert.Equal(["10.1.2.3/32 100", "fd00:2::3/128 101"], Rules());
        Assert.Equal(["0.0.0.0/0 via 10.1.2.1", "10.1.2.0/24 src 10.1.2.3"], Routes(100));
        Assert.Equal(["::/0 via fd00:2::1", "fd00:2::/64"], Routes(101));
        Assert.Empty(Routes(RouteTable.Main));
        _ = Check();

        _ = Call("DEL", "");
        Assert.Empty(Rules());
        Assert.Empty(Routes(100));
        Assert.Empty(Routes(101));
        _ = Call("DEL", PrevResult);
    }

    [Fact]
    public void Repeated_ADD_changes_nothing()
    {
        _ = Add();
        string once = Everything();
        _ = Add();
        Assert.Equal(once, Everything());
    }

    [Fact]
    public void Failed_ADD_leaves_everything_as_it_was()
    {
        string before = Everything();
        // The kernel refuses a gateway that is an address of the pod itself, behind rules and routes that it took.
        string answer = Add("\"gateways\": [\"fd00:2::3\"]", expect: 1);
        Assert.Contains("fd00:2::3", answer, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void Given_table_gets_rules_alone()
    {
        string[] main = Routes(RouteTable.Main);
        _ = Add("\"table\": 4000, \"gateways\": [\"10.1.2.9\"]");
        Assert.Equal(["10.1.2.3/32 4000", "fd00:2::3/128 4000"], Rules());
        Assert.Empty(Routes(4000));
        Assert.Equal(main, Routes(RouteTable.Main));
        _ = Add("\"table\": 4000");
        Assert.Equal(2, Rules().Length);
        _ = Check("\"table\": 4000");
        Assert.Contains("to table 4001", Check("\"table\": 4001", expect: 1), StringComparison.Ordinal);
        // The configuration may have changed since.
        _ = Call("DEL", "\"table\": \"odd\"");
        Assert.Empty(Rules());
    }

    [Fact]
    public void Gateways_are_the_tables_default_routes()
    {
        _ = Add("\"gateways\": [\"10.1.2.9\", \"fe80::9\"]");
        Assert.Equal(["0.0.0.0/0 via 10.1.2.9", "10.1.2.0/24 src 10.1.2.3"], Routes(100));
        Assert.Equal(["::/0 via fe80::9", "fd00:2::/64"], Routes(101));
        _ = Check("\"gateways\": [\"10.1.2.9\", \"fe80::9\"]");
        Assert.Contains("via 10.1.2.8", Check("\"gateways\": [\"10.1.2.8\"]", expect: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Source_hints_keep_the_subnets_in_the_main_table()
    {
        _ = Add("\"addSourceHints\": true");
        Assert.Equal(["10.1.2.0/24 src 10.1.2.3", "fd00:2::/64 src fd00:2::3"], Routes(RouteTable.Main));
        Assert.Equal(["::/0 via fd00:2::1", "fd00:2::/64"], Routes(101));
        _ = Check("\"addSourceHints\": true");
    }

    [Fact]
    public void Routes_of_other_interfaces_stay_also_where_they_share_one()
    {
        PodClient.CreateLink(
            new VethSpec { Name = "eth1", Index = 900, Up = true, Peer = new VethPeer { Name = "other", TargetNamespace = Node } });
        NodeClient.SetLink(NodeClient.FindLink("other")!.Index, new LinkChange { Up = true });
        PodClient.AddAddress(900, new AddressSpec { Address = TestCall.Prefix("10.5.0.3/24") });
        NextHop[] both =
        [
            new NextHop { Gateway = System.Net.IPAddress.Parse("10.1.2.1"), OutputIndex = _index },
            new NextHop { Gateway = System.Net.IPAddress.Parse("10.5.0.1"), OutputIndex = 900 },
        ];
        PodClient.AddRoute(new RouteSpec { Destination = TestCall.Prefix("10.66.0.0/16"), Multipath = both });
        string before = Everything();

        _ = Add();
        Assert.Equal(["10.5.0.0/24 src 10.5.0.3", "10.66.0.0/16 via 10.5.0.1"], Routes(RouteTable.Main));
        Assert.Equal(["0.0.0.0/0 via 10.1.2.1", "10.1.2.0/24 src 10.1.2.3", "10.66.0.0/16 via 10.1.2.1"], Routes(100));
        Assert.NotEqual(before, Everything());
    }

    [Fact]
    public void Addresses_of_other_interfaces_are_skipped()
    {
        string prevResult = PrevResult.Replace("\"interface\": 1}, {", "\"interface\": 0}, {", StringComparison.Ordinal);
        _ = Call("ADD", prevResult);
        Assert.Equal(["fd00:2::3/128 100"], Rules());
    }

    [Theory]
    [InlineData("\"prevResult\": {\"cniVersion\": \"1.1.0\"}", "no addresses")]
    [InlineData("\"prevResult\": {\"ips\": [{\"address\": \"10.1.2.3/24\"}]}", "interface eth0 does not exist")]
    public void ADD_that_cannot_work_is_refused(string members, string words)
    {
        using NetworkNamespace empty = NetworkNamespace.Create();
        Assert.Contains(words, Call("ADD", members, expect: 1, netns: PathOf(empty)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void DEL_finds_its_rules_when_addresses_or_interface_are_gone(bool linkIsGone, bool isTold)
    {
        RuleSpec foreign = new() { Family = IpFamily.IPv4, Source = TestCall.Prefix("10.99.0.1/32"), Table = 55 };
        PodClient.Execute(new RouteBatch().AddRule(foreign));
        _ = Add();
        if (linkIsGone)
        {
            _ = PodClient.TryDeleteLink(_index);
        }
        else
        {
            PodClient.DeleteAddress(_index, TestCall.Prefix("10.1.2.3/24"));
            PodClient.DeleteAddress(_index, TestCall.Prefix("fd00:2::3/64"));
        }
        _ = Call("DEL", isTold ? PrevResult : "");
        Assert.Equal(["10.99.0.1/32 55"], Rules());
    }

    [Fact]
    public void DEL_leaves_the_rules_of_other_attachments()
    {
        PodClient.CreateLink(
            new VethSpec { Name = "eth1", Index = 900, Up = true, Peer = new VethPeer { Name = "other", TargetNamespace = Node } });
        PodClient.AddAddress(900, new AddressSpec { Address = TestCall.Prefix("10.5.0.3/24") });
        PodClient.Execute(new RouteBatch().AddRule(SourceRule.Create(TestCall.Prefix("10.5.0.3/24"), 300)));
        _ = Add();
        _ = Call("DEL", "");
        Assert.Equal(["10.5.0.3/32 300"], Rules());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/run/netns/absent")]
    public void DEL_without_a_namespace_leaves_no_file(string netns)
    {
        _ = Call("DEL", PrevResult, netns: netns);
        Assert.False(netns.Length > 0 && File.Exists(netns));
        _ = Call("DEL", "", netns: PathOf(Node));
    }

    [Fact]
    public void CHECK_names_what_is_missing()
    {
        _ = Add();
        PodClient.DeleteRoute(new RouteSpec { Destination = TestCall.Prefix("0.0.0.0/0"), Table = 100 });
        string answer = Check(expect: 1);
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.Contains("table 100, for 10.1.2.3/24, has no default route dev eth0", answer, StringComparison.Ordinal);
        PodClient.Execute(new RouteBatch().DeleteRule(new RuleSpec { Family = IpFamily.IPv4, Source = TestCall.Prefix("10.1.2.3/32") }));
        Assert.Contains("no rule from 10.1.2.3", Check(expect: 1), StringComparison.Ordinal);
        _ = PodClient.TryDeleteLink(_index);
        Assert.Contains("eth0 does not exist", Check(expect: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void CHECK_misses_a_route_of_the_result()
    {
        PodClient.AddRoute(
            new RouteSpec
            {
                Destination = TestCall.Prefix("10.8.0.0/16"),
                Gateway = System.Net.IPAddress.Parse("10.1.2.9"),
                OutputIndex = _index,
            });
        _ = Add();
        string prevResult = PrevResult.Replace(
            "{\"dst\": \"::/0\"}", "{\"dst\": \"::/0\"}, {\"dst\": \"10.8.0.0/16\", \"gw\": \"10.1.2.9\"}", StringComparison.Ordinal);
        _ = Call("CHECK", prevResult);
        PodClient.DeleteRoute(new RouteSpec { Destination = TestCall.Prefix("10.8.0.0/16"), Table = 100 });
        Assert.Contains("no route to 10.8.0.0/16", Call("CHECK", prevResult, expect: 1), StringComparison.Ordinal);
    }
}
