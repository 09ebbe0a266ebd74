using Cni;
using Linux;
using Linux.Addresses;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Interfaces.Bridge;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class BridgeDeviceKernelTests : NodeKernelTest
{
    // Its lock lies in the host's /run.
    private readonly string _bridge = $"t{Guid.NewGuid():N}"[..11];

    private BridgeSettings Settings(string members) => TestCall.Add($"\"bridge\": \"{_bridge}\"{members}", BridgeSettings.Read);

    private BridgeDevice Ensure(string members = "") => Node.Run(() =>
    {
        using RouteClient host = RouteClient.Open();
        using BridgeLock inUse = BridgeLock.Share(_bridge);
        return BridgeDevice.Ensure(host, Settings(members), inUse, MacAddress.Random());
    });

    public override void Dispose()
    {
        if (File.Exists($"/run/cni/bridges/{_bridge}.lock"))
            File.Delete($"/run/cni/bridges/{_bridge}.lock");
        base.Dispose();
    }

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
        Link link = NodeClient.FindLink(_bridge)!;
        Assert.Equal(
            (_bridge, link.Index, link.Mac!.Value, 1400, true), (bridge.Name, bridge.Index, bridge.Mac, bridge.Mtu, bridge.WasCreated));
        Assert.Equal("bridge", link.Kind);
        Assert.True(link.IsUp);
        Assert.Equal(1400, link.Mtu);
        Assert.False(link.Flags.HasFlag(LinkFlags.Promiscuous));
        Assert.Equal("0", Node.Run(() => Sysctl.TryRead($"net/ipv6/conf/{_bridge}/accept_ra")));
    }

    [Fact]
    public void Bridge_that_exists_is_adopted()
    {
        int index = MakeBridge(_bridge);
        BridgeDevice bridge = Ensure(", \"mtu\": 1400");
        Assert.Equal((index, false, 1500), (bridge.Index, bridge.WasCreated, bridge.Mtu));
    }

    [Fact]
    public void Bridge_that_is_down_is_switched_on()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = _bridge });
        _ = Ensure();
        Assert.True(NodeClient.FindLink(_bridge)!.IsUp);
    }

    [Fact]
    public void Promiscuous_mode_is_switched_on_and_never_off()
    {
        _ = Ensure(", \"promiscMode\": true");
        Assert.True(NodeClient.FindLink(_bridge)!.Flags.HasFlag(LinkFlags.Promiscuous));
        _ = Ensure();
        Assert.Equal(1, NodeClient.FindLink(_bridge)!.Promiscuity);
    }

    [Fact]
    public void Address_stays_whatever_ports_come_and_go()
    {
        BridgeDevice bridge = Ensure();
        AddPort("port0", bridge.Index);
        Assert.Equal(bridge.Mac, NodeClient.FindLink(_bridge)!.Mac);
        _ = NodeClient.TryDeleteLink("port0");
        Assert.Equal(bridge.Mac, NodeClient.FindLink(_bridge)!.Mac);
    }

    public static TheoryData<string> NodesOwnBridges => ["up", "down", "stp", "jumbo", "empty", "no longer used"];

    /// <summary>A bridge that nobody gave an address takes its lowest port's, which a pod's could be.</summary>
    [Theory]
    [MemberData(nameof(NodesOwnBridges))]
    public void Bridge_of_the_nodes_own_keeps_its_address(string kind)
    {
        NodeClient.CreateLink(new BridgeSpec { Name = _bridge, Up = kind != "down" });
        int index = IndexOf(_bridge);
        if (kind != "empty")
            AddUplink(index, kind == "jumbo" ? 9000 : 1500);
        if (kind == "stp")
            _ = NodeProgram.Run(Node, $"ip link set {_bridge} type bridge stp_state 1");
        if (kind == "no longer used")
            _ = NodeClient.TryDeleteLink("uplink");
        MacAddress? before = NodeClient.FindLink(_bridge)!.Mac;
        BridgeDevice bridge = Ensure();
        Assert.Equal((bridge.Mac, kind == "jumbo" ? 9000 : 1500), (NodeClient.FindLink(_bridge)!.Mac!.Value, bridge.Mtu));
        Assert.True(bridge.Mac.IsUnicast);
        if (before is { IsUnicast: true })
            Assert.Equal(before, bridge.Mac);
        // Again, now that it is known: nothing is to be set any more.
        Assert.Equal(bridge.Mac, Ensure().Mac);
        AddPort("port0", index);
        Assert.Equal(bridge.Mac, NodeClient.FindLink(_bridge)!.Mac);
        _ = NodeClient.TryDeleteLink("port0");
        Assert.Equal(bridge.Mac, NodeClient.FindLink(_bridge)!.Mac);
    }

    [Fact]
    public void Address_is_given_once_since_the_kernel_forgets_the_neighbours_then()
    {
        NodeClient.CreateLink(new BridgeSpec { Name = _bridge, Up = true });
        int index = IndexOf(_bridge);
        AddUplink(index, 1500);
        _ = Ensure();
        // Permanent, since a bridge that has no carrier for a moment loses the others.
        _ = NodeProgram.Run(Node, $"ip neigh add 10.9.9.9 lladdr 02:00:00:00:00:77 dev {_bridge} nud permanent");
        _ = Ensure();
        Assert.Contains(NodeClient.ListNeighbours(index, IpFamily.IPv4), static entry => entry.Mac == TestCall.Mac("02:00:00:00:00:77"));
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData(", \"isGateway\": true", "0")]
    public void Routers_of_the_nodes_own_network_are_heard_unless_the_node_is_the_gateway(string members, string acceptRa)
    {
        NodeClient.CreateLink(new BridgeSpec { Name = _bridge, Up = true });
        _ = Ensure(members);
        Assert.Equal(acceptRa, Node.Run(() => Sysctl.TryRead($"net/ipv6/conf/{_bridge}/accept_ra")));
    }

    [Fact]
    public void Interface_of_another_kind_is_refused()
    {
        NodeClient.CreateLink(new VethSpec { Name = _bridge, Peer = new VethPeer { Name = "peer" } });
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [$"bridge is \"{_bridge}\"", "kind veth", "another name"], () => Ensure());
        Assert.False(NodeClient.FindLink(_bridge)!.IsUp);
    }

    [Fact]
    public void Loopback_is_no_bridge() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig,
        ["bridge is \"lo\"", "physical"],
        () => Node.Run(() =>
        {
            using BridgeLock inUse = BridgeLock.Share(_bridge);
            return BridgeDevice.Ensure(NodeClient, TestCall.Add("\"bridge\": \"lo\"", BridgeSettings.Read), inUse, MacAddress.Random());
        }));

    [Theory]
    [InlineData(", \"vlan\": 100", "vlan is 100")]
    [InlineData(", \"vlanTrunk\": []", "vlanTrunk is given")]
    public void Ports_of_others_keep_a_bridge_as_it_is(string members, string why)
    {
        int bridge = MakeBridge(_bridge);
        AddPort("ours0", bridge, Tag.Alias([]));
        AddPort("theirs0", bridge);
        AddPort("theirs1", bridge, "their alias");
        CniException error = Assert.Throws<CniException>(() => Ensure(members));
        Assert.Equal(CniErrorCode.InvalidNetworkConfig, error.Code);
        Assert.StartsWith(why, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            $": theirs0, theirs1; if they can live with it, run: ip link set {_bridge} type bridge vlan_filtering 1",
            error.Message.Replace("theirs1, theirs0", "theirs0, theirs1", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.False(NodeClient.FindLink(_bridge)!.Bridge!.VlanFiltering);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bridge_tells_vlans_apart_or_the_kernel_is_named(bool exists)
    {
        if (exists)
            AddPort("ours0", MakeBridge(_bridge), Tag.Alias([]));
        if (KernelHasVlanFiltering())
        {
            _ = Ensure(", \"vlan\": 100");
            Assert.True(NodeClient.FindLink(_bridge)!.Bridge!.VlanFiltering);
            return;
        }
        TestCall.AssertFails(
            CniErrorCode.UnsupportedField, ["vlan is 100", "CONFIG_BRIDGE_VLAN_FILTERING"], () => Ensure(", \"vlan\": 100"));
        Assert.Equal(exists, NodeClient.FindLink(_bridge) is not null);
    }

    [Fact]
    public void Only_an_unused_bridge_is_deleted()
    {
        BridgeDevice bridge = Ensure();
        AddPort("port0", bridge.Index);
        BridgeDevice.DeleteMade(NodeClient, _bridge, bridge.Mac);
        Assert.NotNull(NodeClient.FindLink(_bridge));
        _ = NodeClient.TryDeleteLink("port0");
        BridgeDevice.DeleteMade(NodeClient, _bridge, MacAddress.Random());
        Assert.NotNull(NodeClient.FindLink(_bridge));
        BridgeDevice.DeleteMade(NodeClient, _bridge, bridge.Mac);
        Assert.Null(NodeClient.FindLink(_bridge));
        BridgeDevice.DeleteMade(NodeClient, _bridge, bridge.Mac);
    }

    [Fact]
    public void Bridge_whose_making_was_not_answered_is_found_by_its_address()
    {
        using LimitedTransport transport = new(NetlinkProtocol.Route, Node);
        using RouteClient host = new(new NetlinkSocket(transport, protocol: NetlinkProtocol.Route));
        MacAddress mac = MacAddress.Random();
        // The first datagram looks for it.
        transport.LoseAnswerTo(2, Errno.ENOBUFS);
        _ = Assert.Throws<NetlinkException>(() => Node.Run(() =>
        {
            using BridgeLock inUse = BridgeLock.Share(_bridge);
            return BridgeDevice.Ensure(host, Settings(""), inUse, mac);
        }));
        Assert.NotNull(NodeClient.FindLink(_bridge));
        BridgeDevice.DeleteMade(host, _bridge, mac);
        Assert.Null(NodeClient.FindLink(_bridge));
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

    private void AddUplink(int bridge, int mtu)
    {
        // Higher than the port that comes.
        NodeClient.CreateLink(new VethSpec
        {
            Name = "uplink",
            Master = bridge,
            Mac = TestCall.Mac("02:00:00:00:00:ff"),
            Mtu = mtu,
            Up = true,
            Peer = new VethPeer { Name = "switch", Mtu = mtu },
        });
        NodeClient.SetLink(bridge, new LinkChange { Mtu = mtu });
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
