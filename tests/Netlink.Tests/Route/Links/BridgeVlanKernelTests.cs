using Linux;
using Netlink.Route;
using Netlink.Route.Links;
using TestKit;

namespace Netlink.Tests.Route.Links;

/// <summary>Runs where the kernel filters VLANs, as user-mode-linux does; elsewhere it skips.</summary>
[Trait("Kernel", "uml")]
public sealed class BridgeVlanKernelTests : KernelTest
{
    private const int Bridge = 500;
    private const int Port = 100;
    private const int OtherPort = 101;

    public BridgeVlanKernelTests()
    {
        List<NetlinkException> refusals = Client.TryExecute(
            new RouteBatch().CreateLink(new BridgeSpec { Name = "br0", Index = Bridge, VlanFiltering = true, DefaultPvid = 1 }));
        if (refusals is [{ Errno: Errno.EOPNOTSUPP }])
            Assert.Skip("this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING");
        Assert.Empty(refusals);
        Client.Execute(new RouteBatch()
            .CreateLink(new VethSpec { Name = "a", Index = Port, Master = Bridge, Up = true, Peer = new VethPeer { Name = "b" } })
            .CreateLink(new VethSpec { Name = "c", Index = OtherPort, Master = Bridge, Up = true, Peer = new VethPeer { Name = "d" } }));
    }

    [Fact]
    public void A_bridge_says_that_it_filters() => Assert.Equal(
        new BridgeState { VlanFiltering = true, DefaultPvid = 1 }, Client.FindLink(Bridge)!.Bridge);

    [Fact]
    public void A_bridge_is_switched_and_its_default_PVID_changed()
    {
        Client.SetLink(Bridge, new LinkChange { VlanFiltering = false, DefaultPvid = 0 });
        Assert.Equal(new BridgeState { VlanFiltering = false, DefaultPvid = 0 }, Client.FindLink(Bridge)!.Bridge);
        Assert.Empty(RangesOf(Port));
    }

    [Fact]
    public void A_new_port_is_in_the_default_VLAN() => Assert.Equal([BridgeVlanRange.Untagged(1)], RangesOf(Port));

    [Fact]
    public void A_pods_VLAN_replaces_the_default_in_one_batch()
    {
        Client.Execute(new RouteBatch()
            .DeleteBridgeVlans(Port, [new BridgeVlanRange(1, 1)])
            .AddBridgeVlans(Port, [BridgeVlanRange.Untagged(100), new BridgeVlanRange(200, 210), new BridgeVlanRange(300, 300)]));
        Assert.Equal(
            [BridgeVlanRange.Untagged(100), new BridgeVlanRange(200, 210), new BridgeVlanRange(300, 300)], RangesOf(Port));
        Assert.Equal([BridgeVlanRange.Untagged(1)], RangesOf(OtherPort));
    }

    [Fact]
    public void All_VLANs_are_added_and_deleted_in_one_request_each()
    {
        Client.AddBridgeVlans(Port, [new BridgeVlanRange(2, 4094)]);
        Assert.Equal([BridgeVlanRange.Untagged(1), new BridgeVlanRange(2, 4094)], RangesOf(Port));
        Client.DeleteBridgeVlans(Port, [new BridgeVlanRange(1, 4094)]);
        Assert.Empty(RangesOf(Port));
    }

    [Fact]
    public void Every_second_VLAN_fits_one_request_and_one_answer()
    {
        BridgeVlanRange[] ranges = [.. Enumerable.Range(1, 2047).Select(static i => new BridgeVlanRange(2 * i, 2 * i))];
        Client.AddBridgeVlans(Port, ranges);
        Assert.Equal([BridgeVlanRange.Untagged(1), .. ranges], RangesOf(Port));
    }

    [Fact]
    public void Deleting_what_is_not_there_is_no_error()
    {
        Client.DeleteBridgeVlans(Port, [new BridgeVlanRange(7, 9)]);
        Assert.Equal([BridgeVlanRange.Untagged(1)], RangesOf(Port));
    }

    [Fact]
    public void The_bridge_itself_is_listed_beside_its_ports()
    {
        List<BridgeVlans> all = Client.ListBridgeVlans();
        Assert.Equal([Port, OtherPort, Bridge], all.Select(vlans => vlans.LinkIndex).Order());
        Assert.All(all, vlans => Assert.Equal(Bridge, vlans.BridgeIndex));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(4095, 4095, false)]
    [InlineData(20, 10, false)]
    [InlineData(10, 20, true)]
    public void What_no_VLAN_can_be_is_EINVAL(int first, int last, bool isPvid)
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(
            () => Client.AddBridgeVlans(Port, [new BridgeVlanRange(first, last, isPvid)]));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.StartsWith("add VLAN ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_port_has_no_VLANs()
    {
        Client.CreateLink(new VethSpec { Name = "e", Index = 700, Peer = new VethPeer { Name = "f" } });
        Assert.Equal(
            Errno.EOPNOTSUPP, Assert.Throws<NetlinkException>(() => Client.AddBridgeVlans(700, [new BridgeVlanRange(5, 5)])).Errno);
    }

    private IReadOnlyList<BridgeVlanRange> RangesOf(int port) => Client.ListBridgeVlans().Single(vlans => vlans.LinkIndex == port).Ranges;
}
