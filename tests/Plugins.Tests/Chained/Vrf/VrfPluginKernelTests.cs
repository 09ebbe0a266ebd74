using System.Net;
using Cni;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Chained.Sbr;
using Plugins.Chained.Vrf;
using TestKit;

namespace Plugins.Tests.Chained.Vrf;

/// <summary>Runs where the kernel has VRFs, as user-mode-linux does; elsewhere it skips.</summary>
[Trait("Kernel", "uml")]
public sealed class VrfPluginKernelTests : NodeKernelTest
{
    private const string Red = "\"vrfname\": \"red\"";

    private readonly int _eth0;

    public VrfPluginKernelTests()
    {
        if (NodeClient.TryExecute(new RouteBatch().CreateLink(new VrfSpec { Name = "probe", Table = 9 })) is [{ Errno: Errno.EOPNOTSUPP }])
            Assert.Skip("this kernel has no VRF");
        _eth0 = MakeVeth();
        Configure("eth0", "host0", _eth0, 2);
        PodClient.AddRoute(Route("0.0.0.0/0", _eth0, "10.1.2.1"));
        PodClient.AddRoute(Route("::/0", _eth0, "fd00:2::1"));
        PodClient.AddRoute(Route("10.9.0.0/16", _eth0, "10.1.2.9"));
        PodClient.AddRoute(Route("10.10.0.0/16", _eth0));
        PodClient.AddRoute(Route("fd09::/64", _eth0, "fd00:2::9"));
    }

    /// <summary>Addresses 10.1.N.3/24 and fd00:N::3/64; the kernel forgets IPv6 ones when an interface goes down.</summary>
    private void Configure(string name, string hostEnd, int index, int number)
    {
        NodeClient.SetLink(NodeClient.FindLink(hostEnd)!.Index, new LinkChange { Up = true });
        Pod.Run(() =>
        {
            Sysctl.Write($"net/ipv6/conf/{name}/accept_dad", "0");
            Sysctl.Write($"net/ipv6/conf/{name}/keep_addr_on_down", "0");
        });
        RouteBatch batch = new();
        batch.AddAddress(index, new AddressSpec { Address = TestCall.Prefix($"10.1.{number}.3/24") });
        batch.AddAddress(index, new AddressSpec { Address = TestCall.Prefix($"fd00:{number}::3/64"), NoDad = true });
        batch.SetLink(index, new LinkChange { Up = true });
        PodClient.Execute(batch);
    }

    private int SecondInterface()
    {
        PodClient.CreateLink(new VethSpec { Name = "eth1", Index = 900, Peer = new VethPeer { Name = "host1", TargetNamespace = Node } });
        Configure("eth1", "host1", 900, 3);
        return 900;
    }

    private static RouteSpec Route(string destination, int index, string? gateway = null, uint table = RouteTable.Main) => new()
    {
        Destination = TestCall.Prefix(destination),
        OutputIndex = index,
        Gateway = gateway is null ? null : IPAddress.Parse(gateway),
        Table = table,
    };

    private string Call(string command, string members, int expect = 0, string? netns = null, string ifName = "eth0")
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        host["CNI_IFNAME"] = ifName;
        int status = Node.Run(() => CniProgram.Run(host, new VrfPlugin()));
        string output = string.Concat(host.Outputs);
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    private string Add(string members = Red, int expect = 0, string ifName = "eth0") =>
        Call("ADD", $"{members}, {PrevResult(ifName)}", expect, ifName: ifName);

    private string Check(string members = Red, int expect = 0) => Call("CHECK", $"{members}, {PrevResult("eth0")}", expect);

    private string PrevResult(string ifName) => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "{{ifName}}", "sandbox": "{{PathOf(Pod)}}"}],
          "ips": [{"address": "10.1.2.3/24", "interface": 0}], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16"}]}
        """;

    private string[] Routes(uint table) => [.. PodClient.ListRoutes(new RouteFilter { Table = table })
        .Where(route =>
            !route.Destination.Address.IsIPv6LinkLocal && !route.Destination.Address.IsIPv6Multicast && route.Type == RouteType.Unicast)
        .Select(Text).Order(StringComparer.Ordinal)];

    private static string Text(RouteSpec route)
    {
        string gateways = string.Join(" and ", route.Gateways().Select(gateway => gateway.ToString()).Order(StringComparer.Ordinal));
        return gateways.Length > 0 ? $"{route.Destination} via {gateways}" : $"{route.Destination}";
    }

    private string Everything() => string.Join('\n', (string[])[
        .. Routes(RouteTable.Main), $"master {PodClient.FindLink(_eth0)!.MasterIndex}",
        .. PodClient.ListAddresses(_eth0)
            .Where(address => address.Scope == RouteScope.Universe)
            .Select(address => address.Address.ToString())]);

    [Fact]
    public void Interface_goes_into_a_new_VRF_with_routes_and_addresses_and_DEL_removes_it()
    {
        string[] before = Routes(RouteTable.Main);
        string answer = Add();
        Assert.Contains("10.1.2.3/24", answer, StringComparison.Ordinal);
        Link vrf = PodClient.FindLink("red")!;
        Assert.Equal(("vrf", 1u, true), (vrf.Kind, vrf.VrfTable!.Value, vrf.IsUp));
        Assert.Equal(vrf.Index, PodClient.FindLink(_eth0)!.MasterIndex);
        Assert.Empty(Routes(RouteTable.Main));
        Assert.Equal(before, Routes(1));
        Assert.All(
            PodClient.ListAddresses(_eth0, IpFamily.IPv6).Where(address => address.Scope == RouteScope.Universe),
            address => Assert.False(address.IsTentative));
        Assert.Contains(PodClient.ListAddresses(_eth0), address => address.Address == TestCall.Prefix("fd00:2::3/64"));
        _ = Check();

        _ = Call("DEL", Red);
        Assert.Null(PodClient.FindLink("red"));
        Assert.Null(PodClient.FindLink(_eth0)!.MasterIndex);
        _ = Call("DEL", Red);
    }

    [Fact]
    public void Addresses_that_the_kernel_keeps_are_waited_for()
    {
        Pod.Run(() => Sysctl.Write("net/ipv6/conf/eth0/keep_addr_on_down", "1"));
        _ = Add();
        Assert.Contains(
            PodClient.ListAddresses(_eth0), address => address.Address == TestCall.Prefix("fd00:2::3/64") && !address.IsTentative);
        Assert.Contains("fd09::/64 via fd00:2::9", Routes(1));
    }

    [Fact]
    public void All_ways_of_a_route_follow_and_those_of_others_stay()
    {
        int eth1 = SecondInterface();
        PodClient.DeleteRoute(Route("::/0", _eth0, "fd00:2::1"));
        foreach ((string gateway, int index) in ((string, int)[])[("fd00:2::1", _eth0), ("fd00:2::2", _eth0), ("fd00:3::1", eth1)])
            PodClient.PrependRoute(Route("::/0", index, gateway));
        NextHop[] hops =
        [
            new NextHop { Gateway = IPAddress.Parse("10.1.2.1"), OutputIndex = _eth0 },
            new NextHop { Gateway = IPAddress.Parse("10.1.3.1"), OutputIndex = eth1 },
        ];
        PodClient.AddRoute(Route("10.66.0.0/16", 0) with { OutputIndex = null, Multipath = hops });

        _ = Add();
        Assert.Contains("::/0 via fd00:2::1 and fd00:2::2", Routes(1));
        Assert.Contains("10.66.0.0/16 via 10.1.2.1", Routes(1));
        Assert.Equal(["10.1.3.0/24", "10.66.0.0/16 via 10.1.3.1", "::/0 via fd00:3::1", "fd00:3::/64"], Routes(RouteTable.Main));
    }

    [Fact]
    public void Routes_in_other_tables_stay_in_theirs()
    {
        PodClient.AddRoute(Route("10.77.0.0/16", _eth0, "10.1.2.1", table: 300));
        _ = Add();
        Assert.Equal(["10.77.0.0/16 via 10.1.2.1"], Routes(300));
    }

    [Fact]
    public void Two_interfaces_share_a_VRF_until_the_last_leaves()
    {
        int eth1 = SecondInterface();
        PodClient.PrependRoute(Route("0.0.0.0/0", eth1, "10.1.3.1") with { Priority = 50 });
        _ = Add();
        _ = Add(ifName: "eth1");
        Assert.Contains("0.0.0.0/0 via 10.1.2.1", Routes(1));
        Assert.Contains("0.0.0.0/0 via 10.1.3.1", Routes(1));
        _ = Check();
        _ = Call("DEL", Red);
        Assert.NotNull(PodClient.FindLink("red"));
        _ = Call("DEL", Red, ifName: "eth1");
        Assert.Null(PodClient.FindLink("red"));
    }

    [Fact]
    public void Free_table_is_one_that_nobody_uses()
    {
        PodClient.CreateLink(new VrfSpec { Name = "blue", Table = 1 });
        PodClient.AddRoute(Route("10.77.0.0/16", _eth0, "10.1.2.1", table: 2));
        PodClient.Execute(new RouteBatch().AddRule(SourceRule.Create(TestCall.Prefix("10.1.2.3/32"), 3)));
        _ = Add();
        Assert.Equal(4u, PodClient.FindLink("red")!.VrfTable);
    }

    [Fact]
    public void VRF_that_exists_is_used()
    {
        PodClient.CreateLink(new VrfSpec { Name = "red", Table = 42 });
        _ = Add($"{Red}, \"table\": 42");
        Assert.True(PodClient.FindLink("red")!.IsUp);
        Assert.Contains("0.0.0.0/0 via 10.1.2.1", Routes(42));
    }

    [Theory]
    [InlineData("table of another", 7, "blue")]
    [InlineData("other table", 7, "42")]
    [InlineData("other kind", 7, "no VRF")]
    [InlineData("other master", 7, "br7")]
    [InlineData("absent", 7, "eth0 does not exist")]
    public void Conflict_is_refused_and_changes_nothing(string conflict, int code, string word)
    {
        string members = Red;
        switch (conflict)
        {
            case "table of another":
                PodClient.CreateLink(new VrfSpec { Name = "blue", Table = 42 });
                members += ", \"table\": 42";
                break;
            case "other table":
                PodClient.CreateLink(new VrfSpec { Name = "red", Table = 42 });
                members += ", \"table\": 43";
                break;
            case "other kind":
                PodClient.CreateLink(new BridgeSpec { Name = "red" });
                break;
            case "other master":
                PodClient.CreateLink(new BridgeSpec { Name = "br7", Index = 700 });
                PodClient.SetLink(_eth0, new LinkChange { Master = 700 });
                break;
            default:
                PodClient.SetLink(_eth0, new LinkChange { Up = false });
                PodClient.SetLink(_eth0, new LinkChange { Name = "renamed" });
                break;
        }
        string before = Everything();
        string answer = Add(members, expect: 1);
        Assert.Contains($"\"code\": {code}", answer, StringComparison.Ordinal);
        Assert.Contains(word, answer, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
        Assert.Equal(conflict is "other table" or "other kind", PodClient.FindLink("red") is not null);
    }

    // The kernel takes no source address of an interface that is outside of the VRF; in the main table it had.
    [Fact]
    public void Failed_ADD_leaves_everything_as_it_was()
    {
        _ = SecondInterface();
        PodClient.AddRoute(Route("fd08::/64", _eth0) with { PreferredSource = IPAddress.Parse("fd00:3::3") });
        string before = Everything();
        Assert.Contains("fd08::/64", Add(expect: 1), StringComparison.Ordinal);
        Assert.Equal(before, Everything());
        Assert.Null(PodClient.FindLink("red"));
    }

    [Fact]
    public void DEL_tolerates_everything()
    {
        _ = Add();
        // The configuration may have lost the name since.
        _ = Call("DEL", "\"prevResult\": null");
        Assert.Null(PodClient.FindLink("red"));

        _ = Add();
        _ = PodClient.TryDeleteLink(_eth0);
        _ = Call("DEL", Red);
        Assert.Null(PodClient.FindLink("red"));
        _ = Call("DEL", Red, netns: "");
        _ = Call("DEL", Red, netns: "/run/netns/absent");
        _ = Call("DEL", "\"vrfname\": \"a/b\"");
        _ = Call("DEL", "\"vrfname\": [], \"table\": \"odd\"");
        NodeClient.CreateLink(new VrfSpec { Name = "red", Table = 1 });
        _ = Call("DEL", Red, netns: PathOf(Node));
        Assert.NotNull(NodeClient.FindLink("red"));
    }

    [Fact]
    public void CHECK_names_what_is_different()
    {
        _ = Add();
        Assert.Contains("has table 1, wanted 2", Check($"{Red}, \"table\": 2", expect: 1), StringComparison.Ordinal);
        PodClient.DeleteRoute(Route("10.9.0.0/16", _eth0, table: 1));
        Assert.Contains("table 1 of VRF red has no route to 10.9.0.0/16", Check(expect: 1), StringComparison.Ordinal);
        PodClient.SetLink(_eth0, new LinkChange { Master = 0 });
        string answer = Check(expect: 1);
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.Contains("eth0 does not belong to VRF red but to none", answer, StringComparison.Ordinal);
        _ = PodClient.TryDeleteLink("red");
        Assert.Contains("VRF red does not exist", Check(expect: 1), StringComparison.Ordinal);
    }
}
