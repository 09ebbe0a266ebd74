using Cni;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Plugins.Interfaces.Loopback;
using TestKit;

namespace Plugins.Tests.Interfaces.Loopback;

public sealed class LoopbackPluginKernelTests : NodeKernelTest
{
    private string Run(string command, string members = "", int expect = 0, string? netns = null)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        int status = Node.Run(() => CniProgram.Run(host, new LoopbackPlugin()));
        string output = string.Concat(host.Outputs);
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    private static Link Loopback(RouteClient client) => client.FindLink("lo")!;

    [Fact]
    public void ADD_switches_lo_on_and_tells_its_addresses()
    {
        string answer = Run("ADD");
        Assert.True(Loopback(PodClient).IsUp);
        CniResult result = CniResult.Parse(System.Text.Encoding.UTF8.GetBytes(answer), "1.1.0");
        CniInterface lo = Assert.Single(result.Interfaces);
        Assert.Equal(("lo", "00:00:00:00:00:00", PathOf(Pod)), (lo.Name, lo.Mac, lo.Sandbox));
        Assert.All(result.Ips, ip => Assert.Equal(0, ip.Interface));
        Assert.Equal(["127.0.0.1/8", "::1/128"], Addresses());
        Run("CHECK");
    }

    [Fact]
    public void ADD_twice_is_fine()
    {
        _ = Run("ADD");
        Assert.Contains("127.0.0.1/8", Run("ADD"), StringComparison.Ordinal);
    }

    [Fact]
    public void Result_of_the_plugin_before_is_passed_on()
    {
        string answer = Run("ADD", """
            "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "before"}]}
            """);
        Assert.Contains("\"before\"", answer, StringComparison.Ordinal);
        Assert.True(Loopback(PodClient).IsUp);
    }

    [Fact]
    public void Foreign_address_on_lo_is_refused()
    {
        PodClient.AddAddress(Loopback(PodClient).Index, new AddressSpec { Address = TestCall.Prefix("10.1.2.5/32") });
        string answer = Run("ADD", expect: 1);
        Assert.Contains("\"code\": 7", answer, StringComparison.Ordinal);
        Assert.Contains("10.1.2.5/32", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void CHECK_fails_while_lo_is_down() => Assert.Contains("\"code\": 104", Run("CHECK", expect: 1), StringComparison.Ordinal);

    [Fact]
    public void DEL_switches_lo_off_and_may_be_repeated()
    {
        _ = Run("ADD");
        _ = Run("DEL");
        Assert.False(Loopback(PodClient).IsUp);
        _ = Run("DEL");
        _ = Run("DEL", netns: "/run/netns/absent");
        _ = Run("DEL", netns: "");
    }

    [Fact]
    public void DEL_never_switches_off_the_nodes_own()
    {
        NodeClient.SetLink(Loopback(NodeClient).Index, new LinkChange { Up = true });
        _ = Run("DEL", netns: PathOf(Node));
        Assert.True(Loopback(NodeClient).IsUp);
    }

    private string[] Addresses() => [.. PodClient.ListAddresses(Loopback(PodClient).Index).Select(address => address.Address.ToString())];
}
