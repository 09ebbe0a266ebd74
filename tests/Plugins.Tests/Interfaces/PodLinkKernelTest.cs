using System.Net;
using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Plugins.Tests.Interfaces;

/// <summary>
/// What holds for every plugin whose link lives in the pod alone. The node has an interface <c>master0</c> with a peer <c>outside</c>.
/// </summary>
/// <param name="plugin">The plugin.</param>
public abstract class PodLinkKernelTest(ICniPlugin plugin) : InterfacePluginKernelTest(plugin, Addresses)
{
    protected const string Addresses = """
        {"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.1"}, {"address": "fd00::5/64"}],
         "routes": [{"dst": "0.0.0.0/0"}], "dns": {"nameservers": ["192.0.2.1"]}}
        """;

    private bool _hasMaster;

    /// <summary>The members of a configuration without addresses.</summary>
    protected abstract string L2 { get; }

    /// <summary>IFLA_INFO_KIND of the interface in the pod.</summary>
    protected abstract string Kind { get; }

    protected override string Members
    {
        get
        {
            MakeMaster();
            return L2.Length > 0 ? $", {L2}" : "";
        }
    }

    [Fact]
    public void Kernel_has_what_the_result_tells()
    {
        string printed = Add(OtherIpam);
        CniResult result = Parse(printed);
        CniInterface only = Assert.Single(result.Interfaces);
        Assert.Equal(("eth0", PathOf(Pod), PodEnd.Mac.ToString(), (uint)PodEnd.Mtu), (only.Name, only.Sandbox, only.Mac, only.Mtu));
        Assert.Equal([0, 0], result.Ips.Select(static ip => ip.Interface));
        Assert.Equal(["192.0.2.1"], result.Dns!.Nameservers);
        Assert.Equal((Kind, true), (PodEnd.Kind, PodEnd.IsUp));
        Assert.Equal(
            ["10.1.2.5/24", "fd00::5/64"],
            PodClient.ListAddresses(PodEnd.Index)
                .Where(address => !address.Address.Address.IsIPv6LinkLocal)
                .Select(address => address.Address.ToString()));
        // The kernel settles its own link-local address in its own time, if only for a moment where nothing is detected (accept_dad,
        // below).
        Assert.DoesNotContain(
            PodClient.ListAddresses(PodEnd.Index, IpFamily.IPv6),
            static address => address is { IsTentative: true, Scope: RouteScope.Universe });
        RouteSpec route = Assert.Single(
            PodClient.ListRoutes(new RouteFilter { Destination = new IpPrefix(IPAddress.Any, 0), Table = RouteTable.Main }));
        Assert.Equal("10.1.2.1", route.Gateway!.ToString());
        Assert.Equal("0", Pod.Run(() => Sysctl.TryRead("net/ipv6/conf/eth0/accept_dad")));
        Check(OtherIpam, printed);
        Assert.Equal(["ADD", "CHECK"], Ipam.Calls);
    }

    [Fact]
    public void The_configuration_has_the_last_word_on_DNS() =>
        Assert.Equal(["192.0.2.9"], Parse(Add($"{OtherIpam}, \"dns\": {{\"nameservers\": [\"192.0.2.9\"]}}")).Dns!.Nameservers);

    [Fact]
    public void Single_addresses_and_a_shared_gateway_work()
    {
        ReplaceIpam("""
            {"ips": [{"address": "10.1.2.5/32", "gateway": "10.1.2.1"}, {"address": "10.1.2.6/32", "gateway": "10.1.2.1"},
            {"address": "fd00::5/128", "gateway": "fd00::1"}],
             "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}
            """);
        Check(OtherIpam, Add(OtherIpam));
    }

    [Fact]
    public void DEL_leaves_nothing_and_may_be_repeated()
    {
        _ = Add(OtherIpam);
        _ = Run("DEL", OtherIpam);
        AssertNothingIsLeft();
        _ = Run("DEL", OtherIpam);
        Assert.Equal(["ADD", "DEL", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void DEL_releases_the_addresses_of_a_pod_that_is_gone()
    {
        _ = Add(OtherIpam);
        _ = Run("DEL", OtherIpam, netns: "/run/netns/no-such-pod");
        _ = Run("DEL", OtherIpam, netns: "");
        Assert.Equal(["ADD", "DEL", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void DEL_does_all_it_can_when_ipam_fails()
    {
        _ = Add(OtherIpam);
        ReplaceIpam(Addresses, status: 1);
        Assert.Contains("other-ipam", Run("DEL", OtherIpam, expect: 1), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("""{"ips": []}""", 105)]
    [InlineData(
        """{"ips": [{"address": "10.1.2.5/24", "gateway": "10.1.2.9"}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.2.255"}]}""", 101)]
    [InlineData("""{"ips": [{"address": "10.1.2.5/24", "gateway": "fd00::1"}]}""", 7)]
    [InlineData("no result", 6)]
    public void ADD_that_fails_leaves_nothing(string answer, int code)
    {
        ReplaceIpam(answer);
        Assert.Contains($"\"code\": {code},", Run("ADD", OtherIpam, expect: 1), StringComparison.Ordinal);
        AssertNothingIsLeft();
        Assert.Equal(["ADD", "DEL"], Ipam.Calls);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_and_what_has_it_stays()
    {
        PodClient.CreateLink(new VethSpec { Name = "eth0", Index = 4711, Peer = new VethPeer { Name = "peer" } });
        string answer = Run("ADD", OtherIpam, expect: 1);
        Assert.Contains("\"code\": 103", answer, StringComparison.Ordinal);
        Assert.Contains("eth0", answer, StringComparison.Ordinal);
        _ = Run("DEL", OtherIpam);
        Assert.Equal(4711, PodEnd.Index);
    }

    [Fact]
    public void DEL_leaves_the_interface_of_another_network()
    {
        _ = Add(OtherIpam);
        _ = Run("DEL", OtherIpam, network: "other");
        Assert.NotNull(PodClient.FindLink("eth0"));
    }

    [Fact]
    public void GC_leaves_what_is_valid()
    {
        _ = Add(OtherIpam);
        _ = Run("GC", $"{OtherIpam}, \"cni.dev/valid-attachments\": [{{\"containerID\": \"c1\", \"ifname\": \"eth0\"}}]");
        Assert.NotNull(PodClient.FindLink("eth0"));
        Assert.Equal(["ADD", "GC"], Ipam.Calls);
    }

    [Fact]
    public void CHECK_names_what_is_missing()
    {
        string result = Add(OtherIpam);
        PodClient.Execute(new RouteBatch().DeleteAddress(PodEnd.Index, TestCall.Prefix("10.1.2.5/24")));
        CheckFails(OtherIpam, result, "eth0", "10.1.2.5/24");
        PodClient.SetLink(PodEnd.Index, new LinkChange { Up = false });
        CheckFails(OtherIpam, result, "eth0", "down");
    }

    protected void MakeMaster()
    {
        if (_hasMaster)
            return;
        _hasMaster = true;
        NodeClient.CreateLink(
            new VethSpec { Name = "master0", Index = 1000, Mtu = 1450, Up = true, Peer = new VethPeer { Name = "outside", Index = 1001 } });
        NodeClient.SetLink(1001, new LinkChange { Up = true });
    }

    /// <summary>An ADD that is refused before anything is made.</summary>
    protected void AddFails(string members, int code, params string[] words)
    {
        string answer = Run("ADD", members, expect: 1);
        Assert.Contains($"\"code\": {code},", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
        AssertNothingIsLeft();
    }
}
