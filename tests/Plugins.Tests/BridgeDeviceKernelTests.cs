using Cni;
using Linux;
using Netlink.Route;

namespace Plugins.Tests;

public sealed class BridgeDeviceKernelTests : NodeKernelTest
{
    private static BridgeSettings Settings(string members) => TestCall.Add($"\"bridge\": \"br0\"{members}", BridgeSettings.Read);

    private BridgeDevice Ensure(string members = "") => Node.Run(() =>
    {
        using RouteClient host = RouteClient.Open();
        return BridgeDevice.Ensure(host, Settings(members));
    });

    private void AddPort(string name, int bridge, string? alias = null)
    {
        NodeClient.CreateLink(new VethSpec
        {
            Name = name,
            Master = bridge,
            // Lower than any random one, so that a bridge without an address of its own would take it.
            Mac = TestCall.Mac("02:00:00:00:00:00"),
            Peer = new VethPeer { Name = $"{name}p" },
        });
        if (alias is not null)
            NodeClient.SetLink(IndexOf(name), new LinkChange { Alias = alias });
    }

    [Fact]
    public void Bridge_is_made_up_and_ready()
    {
        BridgeDevice bridge = Ensure(", \"mtu\": 1400");
        Link link = NodeClient.FindLink("br0")!;
        Assert.Equal(("br0", link.Index, link.Mac!.Value, 1400, true), (bridge.Name, bridge.Index, bridge.Mac, bridge.Mtu, bridge.WasCreated));
        Assert.Equal("bridge", link.Kind);
        Assert.True(link.IsUp);
        Assert.Equal(1400, link.Mtu);
        Assert.False(link.Flags.HasFlag(LinkFlags.Promiscuous));
        Assert.Equal("0", Node.Run(() => Sysctl.TryRead("net/ipv6/conf/br0/accept_ra")));
    }

    [Fact]
    public void Bridge_that_exists_is_adopted()
    {
        int index = MakeBridge();
        BridgeDevice bridge = Ensure(", \"mtu\": 1400");
        Assert.Equal((index, false, 1500), (bridge.Index, bridge.WasCreated, bridge.Mtu));
    }

    [Fact]
    public void Bridge_that_is_down_is_switched_on()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = "br0" });
        _ = Ensure();
        Assert.True(NodeClient.FindLink("br0")!.IsUp);
    }

    [Fact]
    public void Promiscuous_mode_is_switched_on_and_never_off()
    {
        _ = Ensure(", \"promiscMode\": true");
        Assert.True(NodeClient.FindLink("br0")!.Flags.HasFlag(LinkFlags.Promiscuous));
        _ = Ensure();
        Assert.Equal(1, NodeClient.FindLink("br0")!.Promiscuity);
    }

    [Fact]
    public void Address_stays_whatever_ports_come_and_go()
    {
        BridgeDevice bridge = Ensure();
        AddPort("port0", bridge.Index);
        Assert.Equal(bridge.Mac, NodeClient.FindLink("br0")!.Mac);
        _ = NodeClient.TryDeleteLink("port0");
        Assert.Equal(bridge.Mac, NodeClient.FindLink("br0")!.Mac);
    }

    [Fact]
    public void Interface_of_another_kind_is_refused()
    {
        NodeClient.CreateLink(new VethSpec { Name = "br0", Peer = new VethPeer { Name = "peer" } });
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["bridge is \"br0\"", "kind veth", "another name"], () => Ensure());
        Assert.False(NodeClient.FindLink("br0")!.IsUp);
    }

    [Fact]
    public void Loopback_is_no_bridge() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig,
        ["bridge is \"lo\"", "physical"],
        () => Node.Run(() => BridgeDevice.Ensure(NodeClient, TestCall.Add("\"bridge\": \"lo\"", BridgeSettings.Read))));

    [Theory]
    [InlineData(", \"vlan\": 100", "vlan is 100")]
    [InlineData(", \"vlanTrunk\": []", "vlanTrunk is given")]
    public void Ports_of_others_keep_a_bridge_as_it_is(string members, string why)
    {
        int bridge = MakeBridge();
        AddPort("ours0", bridge, Tag.Alias([]));
        AddPort("theirs0", bridge);
        AddPort("theirs1", bridge, "their alias");
        CniException error = Assert.Throws<CniException>(() => Ensure(members));
        Assert.Equal(CniErrorCode.InvalidNetworkConfig, error.Code);
        Assert.StartsWith(why, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(": theirs0, theirs1; if they can live with it, run: ip link set br0 type bridge vlan_filtering 1", error.Message.Replace("theirs1, theirs0", "theirs0, theirs1", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(NodeClient.FindLink("br0")!.Bridge!.VlanFiltering);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bridge_tells_vlans_apart_or_the_kernel_is_named(bool exists)
    {
        if (exists)
            AddPort("ours0", MakeBridge(), Tag.Alias([]));
        if (KernelHasVlanFiltering())
        {
            _ = Ensure(", \"vlan\": 100");
            Assert.True(NodeClient.FindLink("br0")!.Bridge!.VlanFiltering);
            return;
        }
        TestCall.AssertFails(CniErrorCode.UnsupportedField, ["vlan is 100", "CONFIG_BRIDGE_VLAN_FILTERING"], () => Ensure(", \"vlan\": 100"));
        Assert.Equal(exists, NodeClient.FindLink("br0") is not null);
    }

    [Fact]
    public void Only_an_unused_bridge_is_deleted()
    {
        BridgeDevice bridge = Ensure();
        AddPort("port0", bridge.Index);
        bridge.DeleteIfUnused(NodeClient);
        Assert.NotNull(NodeClient.FindLink("br0"));
        _ = NodeClient.TryDeleteLink("port0");
        bridge.DeleteIfUnused(NodeClient);
        Assert.Null(NodeClient.FindLink("br0"));
        bridge.DeleteIfUnused(NodeClient);
    }

    [Fact]
    public void Callers_at_once_share_one_bridge()
    {
        BridgeDevice[] bridges = new BridgeDevice[8];
        Thread[] callers = [.. bridges.Select((_, i) => new Thread(() => bridges[i] = Ensure()))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.All(bridges, bridge => Assert.Equal((bridges[0].Index, bridges[0].Mac), (bridge.Index, bridge.Mac)));
        _ = Assert.Single(bridges, bridge => bridge.WasCreated);
    }

    private bool KernelHasVlanFiltering()
    {
        RouteBatch batch = new();
        _ = batch.CreateLink(new BridgeSpec { Name = "probe0", VlanFiltering = true });
        bool has = NodeClient.TryExecute(batch).Count == 0;
        _ = NodeClient.TryDeleteLink("probe0");
        return has;
    }
}
