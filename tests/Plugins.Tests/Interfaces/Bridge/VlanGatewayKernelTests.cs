using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

[Trait("Kernel", "uml")]
public sealed class VlanGatewayKernelTests : VlanKernelTest
{
    private readonly BridgeSettings _settings = Settings("\"vlan\": 100, \"isGateway\": true, \"vlanTrunk\": [{\"id\": 200}]");

    private Link Ensure() => Node.Run(() =>
    {
        using RouteClient host = RouteClient.Open();
        using BridgeLock inUse = BridgeLock.Share(_settings.Bridge);
        return VlanGateway.Ensure(host, BridgeDevice.Ensure(host, _settings, inUse, MacAddress.Random()), _settings);
    });

    private Link PortOf(Link gateway) => NodeClient.FindLink(gateway.PeerIndex!.Value)!;

    [Fact]
    public void Gateway_stands_in_its_vlan_alone()
    {
        Link gateway = Ensure();
        Assert.Equal("br0.100", gateway.Name);
        Assert.True(NodeClient.FindLink("br0.100")!.IsUp);
        Link port = PortOf(gateway);
        Assert.True(port.IsUp);
        Assert.Equal(IndexOf("br0"), port.MasterIndex);
        Assert.Equal("100 pvid untagged", VlansOf(port.Index));
    }

    [Fact]
    public void Gateway_is_shared()
    {
        Link first = Ensure();
        Link second = Ensure();
        Assert.Equal((first.Index, first.Mac), (second.Index, second.Mac));
    }

    [Fact]
    public void Port_of_a_killed_ADD_is_put_on_the_bridge()
    {
        Link port = PortOf(Ensure());
        NodeClient.SetLink(port.Index, new LinkChange { Master = 0, Up = false });
        _ = Ensure();
        port = NodeClient.FindLink(port.Index)!;
        Assert.Equal((IndexOf("br0"), true), (port.MasterIndex, port.IsUp));
        Assert.Equal("100 pvid untagged", VlansOf(port.Index));
    }

    [Fact]
    public void Port_counts_as_ours_and_no_GC_takes_it_for_a_pods()
    {
        Link port = PortOf(Ensure());
        Assert.NotNull(AttachmentTag.Find(port.Alias!));
        FakeHost host = FakeHost.For(
            "GC", """{"cniVersion": "1.1.0", "name": "gateway", "cni.dev/valid-attachments": []}""");
        Assert.False(TestCall.Run(host, call => new GcScope(call).IsGarbage(port.Alias)));
    }

    [Fact]
    public void Interface_of_somebody_else_is_refused()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = "br0.100" });
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["br0.100", "vlan is 100", "delete or rename"], () => Ensure());
    }

    [Fact]
    public void Callers_at_once_share_one_gateway()
    {
        int[] indexes = new int[8];
        Thread[] callers = [.. indexes.Select((_, i) => new Thread(() => indexes[i] = Ensure().Index))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.All(indexes, index => Assert.Equal(indexes[0], index));
        Assert.Equal("100 pvid untagged", VlansOf(PortOf(NodeClient.FindLink(indexes[0])!).Index));
    }
}
