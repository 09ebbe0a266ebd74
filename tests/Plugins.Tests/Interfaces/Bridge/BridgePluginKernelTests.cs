using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Masquerade;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class BridgePluginKernelTests() : InterfacePluginKernelTest(PluginTable.Create("bridge")!, Addresses)
{
    private const string Addresses = """
        {"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "fd00::5/64"}],
         "routes": [{"dst": "0.0.0.0/0"}], "dns": {"nameservers": ["192.0.2.1"]}}
        """;

    private const string L3 = $"\"isDefaultGateway\": true, \"ipMasq\": true, \"hairpinMode\": true, \"portIsolation\": true, {OtherIpam}";

    // Its lock lies in the host's /run.
    private readonly string _bridge = $"t{Guid.NewGuid():N}"[..11];

    protected override string Members => $", \"bridge\": \"{_bridge}\"";

    public override void Dispose()
    {
        // File.Delete fails where the directory is absent: no test may have made a bridge yet.
        if (File.Exists($"/run/cni/bridges/{_bridge}.lock"))
            File.Delete($"/run/cni/bridges/{_bridge}.lock");
        base.Dispose();
    }

    [Fact]
    public void Result_tells_interfaces_addresses_routes_and_dns()
    {
        CniResult result = Parse(Add(L3));
        Link bridge = NodeClient.FindLink(_bridge)!;
        Assert.Equal([_bridge, Tag.HostInterfaceName, "eth0"], result.Interfaces.Select(entry => entry.Name));
        Assert.Equal([bridge.Mac.ToString(), HostEnd.Mac.ToString(), PodEnd.Mac.ToString()], result.Interfaces.Select(entry => entry.Mac));
        Assert.Equal(
            [null, null, PathOf(Pod)], result.Interfaces.Select(entry => string.IsNullOrEmpty(entry.Sandbox) ? null : entry.Sandbox));
        Assert.Equal(
            ["10.1.2.5/24 10.1.2.1 2", "fd00::5/64 fd00::1 2"],
            result.Ips.Select(ip => $"{ip.Address} {IpText.Format(ip.Gateway!)} {ip.Interface}"));
        // IPAM's default route has no gateway of its own, so the bridge adds one.
        Assert.Equal(
            ["0.0.0.0/0 ", "0.0.0.0/0 10.1.2.1", "::/0 fd00::1"], result.Routes.Select(route => $"{route.Destination} {route.Gateway}"));
        Assert.Equal(["192.0.2.1"], result.Dns!.Nameservers);
    }

    [Fact]
    public void Kernel_has_what_the_result_tells()
    {
        Check(L3, Add(L3));
        Link bridge = NodeClient.FindLink(_bridge)!;
        string[] gateways =
        [
            .. NodeClient.ListAddresses(bridge.Index)
                .Where(address => !address.Address.Address.IsIPv6LinkLocal)
                .Select(address => address.Address.ToString()),
        ];
        Assert.Equal(["10.1.2.1/24", "fd00::1/64"], gateways);
        Assert.Equal(bridge.Index, HostEnd.MasterIndex);
        Assert.Equal((true, true), (HostEnd.Port!.Hairpin, HostEnd.Port!.Isolated));
        Assert.Equal($"{Tag.Text} 10.1.2.5/24,fd00::5/64 pods c1 eth0", HostEnd.Alias);
        Assert.Equal(OperationalState.Up, HostEnd.OperationalState);
        Assert.Equal(["1", "1", "0"], Node.Run(() => (string?[])
        [
            Sysctl.TryRead("net/ipv4/ip_forward"),
            Sysctl.TryRead("net/ipv6/conf/all/forwarding"),
            Sysctl.TryRead($"net/ipv6/conf/{HostEnd.Name}/accept_ra"),
        ]));
        RouteSpec route = Assert.Single(
            PodClient.ListRoutes(new RouteFilter { Destination = TestCall.Prefix("0.0.0.0/0"), Table = RouteTable.Main }));
        Assert.Equal("10.1.2.1", route.Gateway!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"isGateway\": true")]
    public void The_nodes_own_bridge_keeps_its_address_and_the_result_tells_it(string members)
    {
        int index = MakeBridge(_bridge);
        // Higher than any random one.
        MacAddress uplink = TestCall.Mac("fe:ff:ff:ff:ff:ff");
        NodeClient.CreateLink(
            new VethSpec { Name = "uplink", Master = index, Mac = uplink, Up = true, Peer = new VethPeer { Name = "switch" } });
        Assert.Equal(uplink, NodeClient.FindLink(index)!.Mac);
        CniResult result = Parse(Add(members.Length > 0 ? $"{members}, {OtherIpam}" : OtherIpam));
        Assert.Equal((uplink, uplink.ToString()), (NodeClient.FindLink(index)!.Mac!.Value, result.Interfaces[0].Mac));
        _ = Run("DEL", OtherIpam);
        Assert.Equal(uplink, NodeClient.FindLink(index)!.Mac);
    }

    [Fact]
    public void IPv6_that_the_node_has_switched_off_is_switched_on_for_the_bridge()
    {
        Node.Run(() =>
        {
            Sysctl.Write("net/ipv6/conf/all/disable_ipv6", "1");
            Sysctl.Write("net/ipv6/conf/default/disable_ipv6", "1");
        });
        Check(L3, Add(L3));
        Assert.Contains(
            NodeClient.ListAddresses(NodeClient.FindLink(_bridge)!.Index), static address => address.Address.ToString() == "fd00::1/64");
        Assert.True(NodeProgram.Pings(Pod, "fd00::1"));
        Assert.True(NodeProgram.Pings(Node, "fd00::5"));
    }

    [Fact]
    public void Neighbours_learn_the_new_address_of_a_pod_at_once()
    {
        int index = MakeBridge(_bridge);
        using NetworkNamespace neighbour = NetworkNamespace.Create();
        NodeClient.CreateLink(
            new VethSpec { Name = "other", Master = index, Up = true, Peer = new VethPeer { Name = "eth0", TargetNamespace = neighbour } });
        _ = NodeProgram.Run(neighbour, """
            ip link set eth0 up && ip addr add 10.1.2.9/24 dev eth0 && ip addr add fd00::9/64 dev eth0 nodad
            ip neigh add 10.1.2.5 lladdr 02:00:00:00:00:99 dev eth0 nud reachable
            ip neigh add fd00::5 lladdr 02:00:00:00:00:99 dev eth0 nud reachable
            """);
        Assert.True(
            SpinWait.SpinUntil(() => NodeClient.FindLink("other")!.OperationalState == OperationalState.Up, TimeSpan.FromSeconds(10)));
        _ = Add(OtherIpam);
        using RouteClient client = RouteClient.Open(neighbour);
        int link = client.FindLink("eth0")!.Index;
        bool HasLearned() => client.ListNeighbours(link).Count(entry => entry.Mac == PodEnd.Mac && !entry.Address.IsIPv6LinkLocal) == 2;
        Assert.True(SpinWait.SpinUntil(HasLearned, TimeSpan.FromSeconds(2)), NodeProgram.Run(neighbour, "ip neigh"));
    }

    [Theory]
    [InlineData("\"mtu\": 1279")]
    [InlineData("\"mtu\": 1000, \"isGateway\": true")]
    public void IPv6_needs_its_MTU(string members)
    {
        string answer = Run("ADD", $"{members}, {OtherIpam}", expect: 1);
        Assert.All(["\"code\": 7", "mtu is 1", "fd00::5/64", "1280"], word => Assert.Contains(word, answer, StringComparison.Ordinal));
        AssertNothingIsLeft();
        Assert.Null(NodeClient.FindLink(_bridge));
    }

    [Fact]
    public void Routes_get_the_metric_of_their_network()
    {
        ReplaceIpam("""
            {"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "fd00::5/64"}], "routes": [{"dst": "192.0.2.0/24",
            "priority": 7}]}
            """);
        string members = $"\"isDefaultGateway\": true, \"routeMetric\": 300, {OtherIpam}";
        string printed = Add(members);
        Assert.Equal([7, 300, 300], Parse(printed).Routes.Select(static route => route.Priority));
        uint? MetricOf(string destination) => Assert.Single(PodClient.ListRoutes(
            new RouteFilter { Destination = TestCall.Prefix(destination), Table = RouteTable.Main })).Priority;
        Assert.Equal([7u, 300u, 300u], ((string[])["192.0.2.0/24", "0.0.0.0/0", "::/0"]).Select(MetricOf));
        Check(members, printed);
        Assert.Contains("routeMetric", Run("ADD", "\"routeMetric\": -1", expect: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void ADD_is_repeated_without_a_DEL_only_if_a_later_plugin_has_failed()
    {
        string result = Add(L3);
        Assert.Contains("\"code\": 103", Run("ADD", L3, expect: 1), StringComparison.Ordinal);
        FakeHost later = TestCall.HostFor(
            "ADD", $"\"runtimeConfig\": {{\"portMappings\": [{{\"hostPort\": 80, \"containerPort\": 0}}]}}, \"prevResult\": {result}");
        later["CNI_NETNS"] = PathOf(Pod);
        Assert.Equal(1, Node.Run(() => CniProgram.Run(later, PluginTable.Create("portmap")!, ErrorTranslation.Translate)));
        Assert.Contains($"failed_{Tag.Text}", HostEnd.AlternativeNames);
        result = Add(L3);
        Check(L3, result);
        Assert.Empty(HostEnd.AlternativeNames);
        Assert.Contains("\"code\": 103", Run("ADD", L3, expect: 1), StringComparison.Ordinal);
        _ = Run("DEL", L3);
        AssertNothingIsLeft();
    }

    [Fact]
    public void DEL_leaves_nothing_and_may_be_repeated()
    {
        _ = Add(L3);
        _ = Run("DEL", L3);
        AssertNothingIsLeft();
        _ = Run("DEL", L3);
        Assert.Equal(["ADD", "DEL", "DEL"], Ipam.Calls);
        Assert.NotNull(NodeClient.FindLink(_bridge));
    }

    [Fact]
    public void DEL_does_all_it_can_when_ipam_fails()
    {
        _ = Add(L3);
        ReplaceIpam(Addresses, status: 1);
        Assert.Contains("other-ipam", Run("DEL", L3, expect: 1), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public void GC_removes_what_the_runtime_does_not_name()
    {
        _ = Add(L3);
        _ = Run("GC", $"{L3}, \"cni.dev/valid-attachments\": [{{\"containerID\": \"c1\", \"ifname\": \"eth0\"}}]");
        Assert.NotNull(PodClient.FindLink("eth0"));
        _ = Run("GC", $"{L3}, \"cni.dev/valid-attachments\": []");
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "GC", "GC"], Ipam.Calls);
    }

    [Fact]
    public void Repeated_ADD_of_a_live_attachment_is_refused_and_harms_nothing()
    {
        string result = Add(L3);
        Assert.Contains("\"code\": 103", Run("ADD", L3, expect: 1), StringComparison.Ordinal);
        Check(L3, result);
    }

    [Theory]
    [InlineData("""{"ips": []}""", 105)]
    [InlineData(
        """{"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.9"}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.2.255"}]}""", 101)]
    [InlineData("""{"ips": [{"address": "10.9.9.5/24", "gateway": "10.9.9.1"}]}""", 7)]
    [InlineData("no result", 6)]
    public void ADD_that_fails_leaves_the_host_as_it_was(string answer, int code)
    {
        // The gateway's address of another network.
        int bridge = MakeBridge(_bridge);
        NodeClient.AddAddress(bridge, new AddressSpec { Address = TestCall.Prefix("10.1.2.9/24") });
        ReplaceIpam(answer);
        Assert.Contains($"\"code\": {code},", Run("ADD", L3, expect: 1), StringComparison.Ordinal);
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "DEL"], Ipam.Calls);
        Assert.Equal("10.1.2.9/24", Assert.Single(NodeClient.ListAddresses(bridge), address => !address.Address.IsIPv6).Address.ToString());
    }

    [Fact]
    public void ADD_that_fails_takes_its_new_bridge_along()
    {
        ReplaceIpam("""{"ips": []}""");
        _ = Run("ADD", L3, expect: 1);
        Assert.Null(NodeClient.FindLink(_bridge));
    }

    [Fact]
    public void Layer_2_pod_is_on_the_wire_without_addresses()
    {
        string result = Add("");
        Assert.Empty(Parse(result).Ips);
        Assert.Equal(3, Parse(result).Interfaces.Count);
        Assert.True(PodEnd.IsUp);
        Check("", result);
        _ = Run("DEL", "");
        AssertNothingIsLeft();
        Assert.Empty(Ipam.Calls);
    }

    [Fact]
    public void Layer_2_result_that_an_old_version_cannot_tell_is_refused_before_anything_is_made()
    {
        string answer = Run("ADD", "", expect: 1, version: "0.2.0");
        Assert.Contains("\"code\": 7", answer, StringComparison.Ordinal);
        Assert.Null(NodeClient.FindLink(_bridge));
    }

    [Fact]
    public void Container_interface_stays_down_where_that_is_asked_for()
    {
        string result = Add("\"disableContainerInterface\": true");
        Assert.False(PodEnd.IsUp);
        Check("\"disableContainerInterface\": true", result);
    }

    [Theory]
    [InlineData("", "192.0.2.1")]
    [InlineData("\"dns\": {}", "192.0.2.1")]
    [InlineData("\"dns\": {\"nameservers\": [\"192.0.2.9\"]}", "192.0.2.9")]
    [InlineData("\"dns\": {\"nameservers\": []}", "")]
    [InlineData("\"dns\": {\"search\": [\"a\"]}", "")]
    public void Dns_of_the_configuration_replaces_that_of_ipam(string members, string nameservers)
    {
        CniResult result = Parse(Add($"{(members.Length > 0 ? members + ", " : "")}{OtherIpam}"));
        Assert.Equal(nameservers, string.Join(' ', result.Dns?.Nameservers ?? []));
    }

    [Fact]
    public void Port_is_guarded_against_other_macs_until_the_DEL()
    {
        const string Guarded = $"\"macspoofchk\": true, {L3}";
        string result = Add(Guarded);
        Check(Guarded, result);
        Assert.Contains($"\"{HostEnd.Name}\" . {PodEnd.Mac} comment \"{Tag.Text}", NftProgram.List(Node), StringComparison.Ordinal);
        NftProgram.Load(Node, $"delete element bridge cniplugin pairs {{ {HostEnd.Name} . {PodEnd.Mac} }}");
        CheckFails(Guarded, result, "bridge cniplugin pairs", HostEnd.Name, PodEnd.Mac.ToString()!);
        // The configuration says nothing of it any more.
        _ = Run("DEL", L3);
        AssertNothingIsLeft();
    }

    [Fact]
    public void STATUS_asks_ipam()
    {
        _ = Run("STATUS", L3);
        Assert.Equal(["STATUS"], Ipam.Calls);
        _ = Run("STATUS", "");
        Assert.Contains("\"code\": 50", Run("STATUS", "\"ipam\": {\"type\": \"absent\"}", expect: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void CHECK_names_what_is_missing()
    {
        string result = Add(L3);
        int port = HostEnd.Index, pod = PodEnd.Index;
        Damage(NodeClient, port, new LinkChange { Hairpin = false }, new LinkChange { Hairpin = true }, result, HostEnd.Name, "hairpin");
        Damage(NodeClient, port, new LinkChange { Isolated = false }, new LinkChange { Isolated = true }, result, HostEnd.Name, "isolated");
        Damage(
            PodClient,
            pod,
            new LinkChange { Mac = TestCall.Mac("02:00:00:00:00:99") },
            new LinkChange { Mac = PodEnd.Mac },
            result,
            "eth0",
            "02:00:00:00:00:99");
        NodeClient.SetLink(port, new LinkChange { Master = 0 });
        CheckFails(L3, result, HostEnd.Name, $"not a port of bridge {_bridge}");
        NodeClient.SetLink(port, new LinkChange { Master = NodeClient.FindLink(_bridge)!.Index });
        NodeClient.SetLink(port, new LinkChange { Hairpin = true, Isolated = true });
        Check(L3, result);
        CheckFails(
            $"{L3.Replace("\"hairpinMode\": true", "\"promiscMode\": true", StringComparison.Ordinal)}",
            result,
            _bridge,
            "not promiscuous");

        Node.Run(() =>
        {
            using NftClient nft = NftClient.Open();
            PodMasquerade.Remove(nft, Tag, [TestCall.Prefix("fd00::5/64")], []);
        });
        CheckFails(L3, result, "masq6", "fd00::5");
        PodClient.DeleteRoute(new RouteSpec { Destination = TestCall.Prefix("0.0.0.0/0") });
        CheckFails(L3, result, "route to 0.0.0.0/0");
        PodClient.DeleteAddress(pod, TestCall.Prefix("10.1.2.5/24"));
        CheckFails(L3, result, "eth0 lacks the address 10.1.2.5/24");
        PodClient.SetLink(pod, new LinkChange { Up = false });
        CheckFails(L3, result, "eth0 is down");
        _ = NodeClient.TryDeleteLink(port);
        CheckFails(L3, result, "interface eth0 does not exist");
    }

    [Fact]
    public void CHECK_names_a_bridge_that_is_gone()
    {
        string result = Add(L3);
        _ = NodeClient.TryDeleteLink(_bridge);
        CheckFails(L3, result, $"bridge {_bridge} does not exist");
    }

    [Fact]
    public void CHECK_fails_where_ipam_does()
    {
        string result = Add(L3);
        ReplaceIpam(Addresses, status: 1);
        Assert.Contains("other-ipam", Run("CHECK", $"{L3}, \"prevResult\": {result}", expect: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void CHECK_needs_the_result() => Assert.Contains("prevResult", Run("CHECK", L3, expect: 1), StringComparison.Ordinal);

    private void Damage(RouteClient where, int index, LinkChange damage, LinkChange repair, string result, params string[] words)
    {
        where.SetLink(index, damage);
        CheckFails(L3, result, words);
        where.SetLink(index, repair);
        Check(L3, result);
    }
}
