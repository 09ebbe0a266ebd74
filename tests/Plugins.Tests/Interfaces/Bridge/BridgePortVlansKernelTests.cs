using Cni;
using Netlink.Route.Links;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

[Trait("Kernel", "uml")]
public sealed class BridgePortVlansKernelTests : VlanKernelTest
{
    private readonly int _port;

    public BridgePortVlansKernelTests()
    {
        NodeClient.CreateLink(new VethSpec { Name = "port0", Master = IndexOf("br0"), Peer = new VethPeer { Name = "port0p" } });
        _port = IndexOf("port0");
    }

    [Theory]
    [InlineData("\"vlan\": 100", "100 pvid untagged")]
    [InlineData("\"vlan\": 1", "1 pvid untagged")]
    [InlineData("\"vlan\": 100, \"preserveDefaultVlan\": true", "1 untagged, 100 pvid untagged")]
    [InlineData("\"vlanTrunk\": [{\"id\": 101}, {\"minID\": 200, \"maxID\": 210}]", "1 pvid untagged, 101, 200-210")]
    [InlineData("\"vlan\": 100, \"vlanTrunk\": [{\"id\": 101}, {\"minID\": 200, \"maxID\": 210}]", "100 pvid untagged, 101, 200-210")]
    [InlineData("\"vlan\": 205, \"vlanTrunk\": [{\"minID\": 200, \"maxID\": 210}]", "200-204, 205 pvid untagged, 206-210")]
    [InlineData("\"vlan\": 1, \"vlanTrunk\": [{\"minID\": 1, \"maxID\": 4094}]", "1 pvid untagged, 2-4094")]
    [InlineData("\"vlanTrunk\": []", "1 pvid untagged")]
    [InlineData("\"vlan\": 0", "1 pvid untagged")]
    public void Port_is_in_the_vlans_that_are_named_and_CHECK_agrees(string members, string expected)
    {
        BridgeSettings settings = Settings(members);
        BridgePortVlans.Apply(NodeClient, _port, settings);
        Assert.Equal(expected, VlansOf(_port));
        BridgePortVlans.Check(NodeClient, NodeClient.FindLink(_port)!, settings);
        BridgePortVlans.Apply(NodeClient, _port, settings);
        Assert.Equal(expected, VlansOf(_port));
    }

    [Theory]
    [InlineData(100, "VLAN 100 as its own, untagged")]
    [InlineData(205, "VLAN 205 as tagged")]
    public void CHECK_names_the_vlan_that_is_missing(int vlan, string words)
    {
        BridgeSettings settings = Settings("\"vlan\": 100, \"vlanTrunk\": [{\"minID\": 200, \"maxID\": 210}]");
        BridgePortVlans.Apply(NodeClient, _port, settings);
        NodeClient.DeleteBridgeVlans(_port, [new BridgeVlanRange(vlan, vlan)]);
        TestCall.AssertFails(
            CniErrorCode.CheckFailed, ["port0", words], () => BridgePortVlans.Check(NodeClient, NodeClient.FindLink(_port)!, settings));
    }

    [Fact]
    public void CHECK_tells_tagged_from_untagged()
    {
        BridgePortVlans.Apply(NodeClient, _port, Settings("\"vlanTrunk\": [{\"id\": 100}]"));
        TestCall.AssertFails(
            CniErrorCode.CheckFailed,
            ["VLAN 100 as its own"],
            () => BridgePortVlans.Check(NodeClient, NodeClient.FindLink(_port)!, Settings("\"vlan\": 100")));
    }
}
