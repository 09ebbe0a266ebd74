using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Masquerade;
using TestKit;

namespace Plugins.Tests.Interfaces.Ptp;

public sealed class PtpPluginKernelTests() : InterfacePluginKernelTest(PluginTable.Create("ptp")!, Addresses)
{
    private const string Addresses = """
        {"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "fd00::5/64", "gateway": "fd00::1"}],
         "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}], "dns": {"nameservers": ["192.0.2.1"]}}
        """;

    private const string Masqueraded = $"\"ipMasq\": true, {OtherIpam}";

    [Fact]
    public void IPv6_that_the_node_has_switched_off_is_switched_on_for_the_host_end()
    {
        Node.Run(() =>
        {
            Sysctl.Write("net/ipv6/conf/all/disable_ipv6", "1");
            Sysctl.Write("net/ipv6/conf/default/disable_ipv6", "1");
        });
        Check(Masqueraded, Add(Masqueraded));
        Assert.True(NodeProgram.Pings(Pod, "fd00::1"));
        Assert.True(NodeProgram.Pings(Node, "fd00::5"));
        Assert.Equal("1", Pod.Run(() => Sysctl.TryRead("net/ipv6/conf/eth0/ndisc_notify")));
    }

    [Fact]
    public void IPv6_needs_its_MTU()
    {
        string answer = Run("ADD", $"\"mtu\": 1200, {OtherIpam}", expect: 1);
        Assert.All(["\"code\": 7", "mtu is 1200", "fd00::5/64", "1280"], word => Assert.Contains(word, answer, StringComparison.Ordinal));
        AssertNothingIsLeft();
    }

    private static string[] Global(IEnumerable<InterfaceAddress> addresses) =>
        [.. addresses.Where(address => !address.Address.Address.IsIPv6LinkLocal).Select(address => address.Address.ToString())];

    private static List<RouteSpec> Routes(RouteClient client, string destination) =>
        client.ListRoutes(new RouteFilter { Destination = TestCall.Prefix(destination), Table = RouteTable.Main });

    [Fact]
    public void Result_tells_interfaces_addresses_routes_and_dns()
    {
        CniResult result = Parse(Add(Masqueraded));
        Assert.Equal([Tag.HostInterfaceName, "eth0"], result.Interfaces.Select(entry => entry.Name));
        Assert.Equal([HostEnd.Mac.ToString(), PodEnd.Mac.ToString()], result.Interfaces.Select(entry => entry.Mac));
        Assert.Equal(["", PathOf(Pod)], result.Interfaces.Select(entry => entry.Sandbox ?? ""));
        Assert.Equal(
            ["10.1.2.5/24 10.1.2.1 1", "fd00::5/64 fd00::1 1"],
            result.Ips.Select(ip => $"{ip.Address} {IpText.Format(ip.Gateway!)} {ip.Interface}"));
        Assert.Equal(["0.0.0.0/0", "::/0"], result.Routes.Select(route => route.Destination.ToString()));
        Assert.Equal(["192.0.2.1"], result.Dns!.Nameservers);
    }

    [Fact]
    public void Kernel_has_what_the_result_tells()
    {
        Check(Masqueraded, Add(Masqueraded));
        Assert.Equal(["10.1.2.1/32", "fd00::1/128"], Global(NodeClient.ListAddresses(HostEnd.Index)));
        Assert.Equal(["10.1.2.5/24", "fd00::5/64"], Global(PodClient.ListAddresses(PodEnd.Index)));
        Assert.Equal(
            (HostEnd.Index, RouteScope.Host),
            (Routes(NodeClient, "10.1.2.5/32")[0].OutputIndex!.Value, Routes(NodeClient, "10.1.2.5/32")[0].Scope!.Value));
        Assert.Equal(HostEnd.Index, Assert.Single(Routes(NodeClient, "fd00::5/128")).OutputIndex);
        foreach ((string link, string subnet, string gateway, string pod) in (ReadOnlySpan<(string, string, string, string)>)
            [("10.1.2.1/32", "10.1.2.0/24", "10.1.2.1", "10.1.2.5"), ("fd00::1/128", "fd00::/64", "fd00::1", "fd00::5")])
        {
            RouteSpec toGateway = Assert.Single(Routes(PodClient, link));
            Assert.Equal((null, pod), (toGateway.Gateway, toGateway.PreferredSource!.ToString()));
            RouteSpec toSubnet = Assert.Single(Routes(PodClient, subnet));
            Assert.Equal((gateway, pod), (toSubnet.Gateway!.ToString(), toSubnet.PreferredSource!.ToString()));
        }
        Assert.Equal("10.1.2.1", Assert.Single(Routes(PodClient, "0.0.0.0/0")).Gateway!.ToString());
        Assert.False(Assert.Single(Routes(PodClient, "0.0.0.0/0")).OnLink);
        Assert.Equal("fd00::1", Assert.Single(Routes(PodClient, "::/0")).Gateway!.ToString());
        Assert.Equal($"{Tag.Text} 10.1.2.5/24,fd00::5/64 pods c1 eth0", HostEnd.Alias);
        Assert.Equal(["1", "1", "0"], Node.Run(() => (string?[])
        [
            Sysctl.TryRead("net/ipv4/ip_forward"),
            Sysctl.TryRead("net/ipv6/conf/all/forwarding"),
            Sysctl.TryRead($"net/ipv6/conf/{HostEnd.Name}/accept_ra"),
        ]));
    }

    [Fact]
    public void No_address_waits_for_duplicates_to_be_detected()
    {
        _ = Add(OtherIpam);
        // The kernel settles its own link-local addresses in its own time, if only for a moment where nothing is detected.
        Assert.DoesNotContain(
            PodClient.ListAddresses(PodEnd.Index), address => address is { IsTentative: true, Scope: RouteScope.Universe });
        Assert.DoesNotContain(
            NodeClient.ListAddresses(HostEnd.Index), address => address is { IsTentative: true, Scope: RouteScope.Universe });
    }

    [Theory]
    [InlineData(
        """{"address": "10.1.2.5/32", "gateway": "169.254.1.1"}, {"address": "fd00::5/128", "gateway": "fd00::1"}""",
        "10.1.2.5/32",
        "fd00::5/128")]
    [InlineData(
        """{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "10.1.2.6/24", "gateway": "10.1.2.1"}""",
        "10.1.2.5/32",
        "10.1.2.6/32")]
    [InlineData(
        """{"address": "10.1.2.5/24", "gateway": "169.254.1.1"}, {"address": "10.1.3.5/24", "gateway": "169.254.1.1"}""",
        "10.1.2.5/32",
        "10.1.3.5/32")]
    [InlineData(
        """{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "10.1.2.6/24", "gateway": "10.1.2.2"}""",
        "10.1.2.5/32",
        "10.1.2.6/32")]
    [InlineData(
        """{"address": "fd00::5/64", "gateway": "fe80::1"}, {"address": "fd00::6/64", "gateway": "fe80::1"}""",
        "fd00::5/128",
        "fd00::6/128")]
    public void Addresses_without_a_subnet_and_shared_gateways_work(string ips, string first, string second)
    {
        string family = first.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0";
        ReplaceIpam($$"""{"ips": [{{ips}}], "routes": [{"dst": "{{family}}"}]}""");
        Check(Masqueraded, Add(Masqueraded));
        foreach (string pod in (string[])[first, second])
            Assert.Equal(HostEnd.Index, Routes(NodeClient, pod)[0].OutputIndex);
        _ = Run("DEL", Masqueraded);
        AssertNothingIsLeft();
    }

    [Fact]
    public void Route_by_another_address_of_the_subnet_stays_on_the_link()
    {
        ReplaceIpam(
            """{"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}], "routes": [{"dst": "192.0.2.0/24", "gw": "10.1.2.9"}]}""");
        Check(OtherIpam, Add(OtherIpam));
        Assert.Equal("10.1.2.9", Assert.Single(Routes(PodClient, "192.0.2.0/24")).Gateway!.ToString());
    }

    [Fact]
    public void Mtu_is_that_of_both_ends()
    {
        _ = Add($"\"mtu\": 1400, {OtherIpam}");
        Assert.Equal((1400, 1400), (HostEnd.Mtu, PodEnd.Mtu));
    }

    [Fact]
    public void Pod_is_reached_by_its_own_link_even_where_another_route_leads_elsewhere()
    {
        int bridge = MakeBridge();
        NodeClient.AddRoute(new RouteSpec { Destination = TestCall.Prefix("10.1.2.5/32"), OutputIndex = bridge, Scope = RouteScope.Host });
        Check(OtherIpam, Add(OtherIpam));
        Assert.Equal(HostEnd.Index, Routes(NodeClient, "10.1.2.5/32")[0].OutputIndex);
    }

    [Fact]
    public void DEL_leaves_nothing_and_may_be_repeated()
    {
        _ = Add(Masqueraded);
        _ = Run("DEL", Masqueraded);
        AssertNothingIsLeft();
        _ = Run("DEL", Masqueraded);
        Assert.Equal(["ADD", "DEL", "DEL"], Ipam.Calls);
    }

    [Theory]
    [InlineData("\"ipMasq\": \"yes\"")]
    [InlineData("\"mtu\": -1")]
    [InlineData("\"ipMasqBackend\": \"pf\"")]
    public void DEL_reads_nothing_but_the_ipam_section(string broken)
    {
        _ = Add(Masqueraded);
        _ = Run("DEL", $"{broken}, {OtherIpam}");
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void GC_removes_what_the_runtime_does_not_name()
    {
        _ = Add(Masqueraded);
        _ = Run("GC", $"{Masqueraded}, \"cni.dev/valid-attachments\": [{{\"containerID\": \"c1\", \"ifname\": \"eth0\"}}]");
        Assert.NotNull(PodClient.FindLink("eth0"));
        _ = Run("GC", $"{Masqueraded}, \"cni.dev/valid-attachments\": []");
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "GC", "GC"], Ipam.Calls);
    }

    [Fact]
    public void Repeated_ADD_of_a_live_attachment_is_refused_and_harms_nothing()
    {
        string result = Add(Masqueraded);
        Assert.Contains("\"code\": 103", Run("ADD", Masqueraded, expect: 1), StringComparison.Ordinal);
        Check(Masqueraded, result);
    }

    [Fact]
    public void Ipam_is_required_before_anything_is_made()
    {
        foreach (string verb in (string[])["ADD", "CHECK"])
        {
            string answer = Run(verb, "", expect: 1);
            Assert.Contains("\"code\": 7", answer, StringComparison.Ordinal);
            Assert.Contains("ipam.type is missing", answer, StringComparison.Ordinal);
        }
        AssertNothingIsLeft();
        _ = Run("DEL", "");
    }

    [Theory]
    [InlineData("""{"ips": [{"address": "10.1.2.5/24"}]}""", 7, "no gateway for 10.1.2.5/24")]
    [InlineData("""{"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.5"}]}""", 7, "itself as gateway")]
    [InlineData("""{"ips": [{"address": "10.1.2.5/24", "gateway": "fd00::1"}]}""", 7, "other address family")]
    [InlineData("""{"ips": []}""", 105, "no ips")]
    [InlineData(
        """{"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.2.5"}]}""",
        101,
        "10.1.2.5")]
    public void ADD_that_fails_leaves_nothing(string answer, int code, string words)
    {
        ReplaceIpam(answer);
        string error = Run("ADD", Masqueraded, expect: 1);
        Assert.Contains($"\"code\": {code},", error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "DEL"], Ipam.Calls);
    }

    [Theory]
    [InlineData("", "192.0.2.1")]
    [InlineData("\"dns\": {}, ", "192.0.2.1")]
    [InlineData("\"dns\": {\"nameservers\": [\"192.0.2.9\"]}, ", "192.0.2.9")]
    [InlineData("\"dns\": {\"search\": []}, ", "")]
    public void Dns_of_the_configuration_replaces_that_of_ipam(string members, string nameservers) =>
        Assert.Equal(nameservers, string.Join(' ', Parse(Add(members + OtherIpam)).Dns?.Nameservers ?? []));

    [Fact]
    public void STATUS_asks_ipam()
    {
        _ = Run("STATUS", OtherIpam);
        Assert.Equal(["STATUS"], Ipam.Calls);
    }

    [Fact]
    public void CHECK_names_what_is_missing()
    {
        string result = Add(Masqueraded);
        string host = HostEnd.Name;
        Node.Run(() =>
        {
            using NftClient nft = NftClient.Open();
            PodMasquerade.Remove(nft, Tag, [TestCall.Prefix("fd00::5/64")], []);
        });
        CheckFails(Masqueraded, result, "masq6", "fd00::5");
        Check(OtherIpam, result);
        NodeClient.DeleteRoute(new RouteSpec { Destination = TestCall.Prefix("fd00::5/128") });
        CheckFails(Masqueraded, result, "route to fd00::5/128", host);
        NodeClient.DeleteAddress(HostEnd.Index, TestCall.Prefix("10.1.2.1/32"));
        CheckFails(Masqueraded, result, host, "10.1.2.1/32");
        PodClient.DeleteRoute(new RouteSpec { Destination = TestCall.Prefix("0.0.0.0/0") });
        CheckFails(Masqueraded, result, "route to 0.0.0.0/0");
        PodClient.DeleteAddress(PodEnd.Index, TestCall.Prefix("10.1.2.5/24"));
        CheckFails(Masqueraded, result, "eth0 lacks the address 10.1.2.5/24");
        PodClient.SetLink(PodEnd.Index, new LinkChange { Up = false });
        CheckFails(Masqueraded, result, "eth0 is down");
        _ = NodeClient.TryDeleteLink(HostEnd.Index);
        CheckFails(Masqueraded, result, "interface eth0 does not exist");
    }
}
