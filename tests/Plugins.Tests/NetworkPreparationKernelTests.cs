using System.Text;
using Cni;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using TestKit;

namespace Plugins.Tests;

public sealed class NetworkPreparationKernelTests : NodeKernelTest
{
    // Its lock lies in the host's /run.
    private readonly string _bridge = $"t{Guid.NewGuid():N}"[..11];

    private string List => $$"""
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
            {"type": "bridge", "bridge": "{{_bridge}}", "isDefaultGateway": true, "ipMasq": true,
             "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.85.0.0/16"}], [{"subnet": "fd00:85::/64"}]]} },
            {"type": "portmap", "capabilities": {"portMappings": true} },
            {"type": "firewall"},
            {"type": "somebodys-own"}]}
        """;

    public override void Dispose()
    {
        if (File.Exists($"/run/cni/bridges/{_bridge}.lock"))
            File.Delete($"/run/cni/bridges/{_bridge}.lock");
        base.Dispose();
    }

    [Fact]
    public void What_pods_share_is_made_once()
    {
        Assert.Contains($"bridge {_bridge} with 10.85.0.1/16, fd00:85::1/64 on {_bridge}", Prepare(List));
        Link bridge = NodeClient.FindLink(_bridge)!;
        Assert.True(bridge.IsUp);
        Assert.Equal(
            ["10.85.0.1/16", "fd00:85::1/64"],
            NodeClient.ListAddresses(bridge.Index)
                .Select(static address => address.Address.ToString())
                .Where(static text => !text.StartsWith("fe80", StringComparison.Ordinal)));
        string rules = NftProgram.List(Node);
        Assert.All(
            ["masq_10.85.0.0_16", "masq_fd00_85___64", "hairpin_10.85.0.0_16", "forward_mark"],
            name => Assert.Contains(name, rules, StringComparison.Ordinal));

        _ = Prepare(List);
        Assert.Equal((bridge.Index, bridge.Mac), (NodeClient.FindLink(_bridge)!.Index, NodeClient.FindLink(_bridge)!.Mac));
        Assert.Equal(rules, NftProgram.List(Node));
    }

    [Theory]
    [InlineData("\"mtu\": 1", "mtu is 1")]
    [InlineData("\"vlan\": 5000", "vlan is 5000")]
    [InlineData("\"ipam\": {\"type\": \"host-local\", \"subnet\": \"10.1.2.3/24\"}", "10.1.2.3/24")]
    public void A_wrong_value_is_named_before_anything_is_made(string members, string problem)
    {
        string list = $$"""
            {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "{{_bridge}}", "ipMasq": true},
                {"type": "bridge", "bridge": "{{_bridge}}", {{members}}}]}
            """;
        CniException error = Assert.Throws<CniException>(() => Prepare(list));
        Assert.Contains("plugins[1], of type bridge", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Null(NodeClient.FindLink(_bridge));
    }

    [Fact]
    public void What_cannot_be_finished_is_taken_back()
    {
        int index = MakeBridge("taken0");
        NodeClient.AddAddress(index, new AddressSpec { Address = TestCall.Prefix("10.9.9.9/24") });
        string list = $$"""
            {"cniVersion": "1.0.0", "name": "pods", "plugins": [
                {"type": "bridge", "bridge": "{{_bridge}}", "isGateway": true, "ipMasq": true, "ipam": {"type": "host-local",
                "subnet": "10.1.2.0/24"} },
                {"type": "bridge", "bridge": "taken0", "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.1.3.0/24"} }]}
            """;
        CniException error = Assert.Throws<CniException>(() => Prepare(list));
        Assert.Contains("10.9.9.9/24", error.Message, StringComparison.Ordinal);
        Assert.Null(NodeClient.FindLink(_bridge));
        Assert.DoesNotContain("masq_", NftProgram.List(Node), StringComparison.Ordinal);
        File.Delete("/run/cni/bridges/taken0.lock");
    }

    [Fact]
    public void One_plugin_is_a_network_too()
    {
        _ = Prepare($$"""{"cniVersion": "0.4.0", "name": "pods", "type": "bridge", "bridge": "{{_bridge}}" }""");
        Assert.NotNull(NodeClient.FindLink(_bridge));
    }

    private IReadOnlyList<string> Prepare(string list) => Node.Run(() => NetworkPreparation.Run(
        [
            .. NetworkList.Read(Encoding.UTF8.GetBytes(list), "FILE")
                .Select(static plugin => (plugin.Type, CniInvocation.OfOperator(new FakeHost(), plugin.Configuration))),
        ]));
}
