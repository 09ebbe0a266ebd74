using System.Net;
using Agent.Overlay;
using Linux.Addresses;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class OverlayPlannerTests
{
    private const int Link = 7;

    private readonly Dictionary<string, UnderlayWay> _ways = new()
    {
        ["192.0.2.2"] = new UnderlayWay(Link, null, IsShared: true, IsOwn: false),
        ["fd00:2::2"] = new UnderlayWay(Link, null, IsShared: true, IsOwn: false),
        ["198.51.100.3"] = new UnderlayWay(Link, IPAddress.Parse("192.0.2.254"), IsShared: true, IsOwn: false),
        ["203.0.113.4"] = new UnderlayWay(Link, null, IsShared: false, IsOwn: false),
        ["192.0.2.1"] = new UnderlayWay(1, null, IsShared: false, IsOwn: true),
    };

    [Theory]
    [InlineData(OverlayBackend.Auto, "192.0.2.2", "10.244.2.0/26", "192.0.2.2")]
    [InlineData(OverlayBackend.HostGateway, "192.0.2.2", "10.244.2.0/26", "192.0.2.2")]
    [InlineData(OverlayBackend.Vxlan, "192.0.2.2", "10.244.2.0/26", "tunnel IPv4")]
    [InlineData(OverlayBackend.Auto, "198.51.100.3", "10.244.2.0/26", "tunnel IPv4")]
    [InlineData(OverlayBackend.Auto, "203.0.113.4", "10.244.2.0/26", "tunnel IPv4")]
    [InlineData(OverlayBackend.Auto, "192.0.2.2", "fd00:244:2::/122", "tunnel IPv4")]
    [InlineData(OverlayBackend.Auto, "192.0.2.2 fd00:2::2", "fd00:244:2::/122", "fd00:2::2")]
    [InlineData(OverlayBackend.Auto, "fd00:2::2", "10.244.2.0/26", "fd00:2::2")]
    [InlineData(OverlayBackend.Vxlan, "fd00:2::2", "10.244.2.0/26", "tunnel IPv6")]
    [InlineData(OverlayBackend.Vxlan, "fd00:2::2 192.0.2.2", "10.244.2.0/26", "tunnel IPv4")]
    [InlineData(OverlayBackend.Vxlan, "fd00:9::9", "10.244.2.0/26", "tunnel IPv6")]
    public void A_block_has_one_way(OverlayBackend backend, string addresses, string block, string way)
    {
        OverlayPlan plan = Plan(Peer("b", addresses, (block, backend)));
        Assert.Empty(plan.Problems);
        PlannedRoute route = Assert.Single(plan.Routes);
        Assert.Equal(("b", TestCall.Prefix(block)), (route.Node, route.Block));
        Assert.Equal(way, route.Tunnel is { } tunnel ? $"tunnel {tunnel}" : IpText.Format(route.Gateway));
        Assert.Equal(route.Tunnel is null ? Link : null, route.LinkIndex);
        if (route.Tunnel is null)
        {
            Assert.Empty(plan.Tunnels);
            return;
        }
        PlannedTunnel planned = Assert.Single(plan.Tunnels);
        Assert.Equal(route.Tunnel, planned.Family);
        Assert.Equal("b", Assert.Single(planned.Ends).Node);
        Assert.Equal(VtepAddresses.LinkLocalOf(planned.Ends[0].Mac), route.Gateway);
    }

    [Theory]
    [InlineData("198.51.100.3", "10.244.2.0/26", "198.51.100.3 is behind 192.0.2.254")]
    [InlineData("203.0.113.4", "10.244.2.0/26", "203.0.113.4 is on a point-to-point link")]
    [InlineData("192.0.2.9", "10.244.2.0/26", "there is no route to 192.0.2.9")]
    [InlineData("192.0.2.2", "fd00:244:2::/122", "a block of IPv6 needs a node that has an IPv6 address")]
    public void A_node_that_is_no_gateway_is_named_with_the_reason(string address, string block, string reason) => Assert.Equal(
        $"node b cannot be the gateway to {block} (host-gw): {reason}; use auto or vxlan",
        Assert.Single(Plan(Peer("b", address, (block, OverlayBackend.HostGateway))).Problems));

    [Fact]
    public void A_block_of_two_nodes_goes_to_one_whatever_their_order()
    {
        OverlayPeer b = Peer("b", "192.0.2.2", ("10.244.2.0/26", OverlayBackend.Auto));
        OverlayPeer c = Peer("c", "198.51.100.3", ("10.244.2.0/26", OverlayBackend.Auto));
        foreach (OverlayPlan plan in new[] { Plan(b, c), Plan(c, b) })
        {
            Assert.Equal("b", Assert.Single(plan.Routes).Node);
            Assert.Equal(
                "node c claims block 10.244.2.0/26, which b has; see cnictl blocks", Assert.Single(plan.Problems));
        }
    }

    [Fact]
    public void The_own_block_is_nobody_elses()
    {
        OverlayPlan plan = Plan(Peer("b", "192.0.2.2", ("10.244.1.0/26", OverlayBackend.Auto)));
        Assert.Empty(plan.Routes);
        Assert.Contains("which a has", Assert.Single(plan.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_name_and_the_own_address_are_nobody_elses()
    {
        OverlayPlan plan = Plan(
            Peer("a", "192.0.2.2", ("10.244.3.0/26", OverlayBackend.Auto)), Peer("b", "192.0.2.1", ("10.244.2.0/26", OverlayBackend.Auto)));
        Assert.Empty(plan.Routes);
        Assert.Equal(
            [
                "node a is the name of another node, too; give each node a name of its own",
                "node b has the address 192.0.2.1, which is this node's own; set the right address on one of the two",
            ],
            plan.Problems);
    }

    private OverlayPlan Plan(params OverlayPeer[] peers)
    {
        OverlaySettings settings = new()
        {
            Cluster = "test",
            Node = "a",
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("fd00:2::1")],
        };
        return new OverlayPlanner(settings, address => _ways.GetValueOrDefault(IpText.Format(address)))
            .Plan(peers, [TestCall.Prefix("10.244.1.0/26")]);
    }

    private static OverlayPeer Peer(string node, string addresses, params (string Block, OverlayBackend Backend)[] blocks) => new(
        node,
        [.. addresses.Split(' ').Select(IPAddress.Parse)],
        [.. blocks.Select(static block => new OverlayBlock(TestCall.Prefix(block.Block), block.Backend))]);
}
