using Agent.Overlay;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class OverlayRouterKernelTests : OverlayKernelTest
{
    [Fact]
    public void Auto_takes_the_tunnel_through_a_router_and_none_on_a_link()
    {
        OverlayHost a = OnSwitch(1), b = BehindRouter(2), c = OnSwitch(3);
        Route(a, c);
        StartAll(OverlayBackend.Auto, a, b, c);
        AssertAllReach(a, b, c);
        int tunnel = a.Client.FindLink("cni-vx0")!.Index, link = a.Client.FindLink("eth0")!.Index;
        Assert.All(
            a.Routes().Where(static route => route.OutputIndex > 1),
            route => Assert.Equal(b.Block4 == route.Destination || b.Block6 == route.Destination ? tunnel : link, route.OutputIndex));
        _ = Assert.Single(a.Client.ListForwarding(tunnel));
        Assert.Empty(a.Datapath.Problems);
    }

    [Fact]
    public void A_node_behind_a_router_is_no_gateway_and_the_others_do_not_suffer()
    {
        OverlayHost a = OnSwitch(1), b = BehindRouter(2), c = OnSwitch(3);
        Route(a, c);
        StartAll(OverlayBackend.HostGateway, a, b, c);
        Assert.Equal(
            [
                "node node2 cannot be the gateway to 10.244.2.0/26 (host-gw): 198.51.100.2 is behind 192.0.2.254, fd00:3::2 is behind "
                + "fd00:2::fe; use auto or vxlan",
                "node node2 cannot be the gateway to fd00:244:2::/122 (host-gw): fd00:3::2 is behind fd00:2::fe; use auto or vxlan",
            ],
            a.Datapath.Problems);
        AssertAllReach(a, c);
        Assert.False(a.Reaches(b));
    }

    [Fact]
    public void A_node_that_moves_behind_the_router_is_reached_by_the_tunnel_at_once()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Auto, a, b);
        Assert.Null(a.Client.FindLink("cni-vx0"));
        Route();
        // Both say now that the other is behind the router.
        _ = NodeProgram.Run(a.Namespace, "ip route add 192.0.2.2 via 192.0.2.254; ip -6 route add fd00:2::2 via fd00:2::fe");
        _ = NodeProgram.Run(b.Namespace, "ip route add 192.0.2.1 via 192.0.2.254; ip -6 route add fd00:2::1 via fd00:2::fe");
        foreach (OverlayHost host in new[] { a, b })
            _ = host.Await(() => host.Routes().Count(static route => route.OnLink) == 2, "the routes by the tunnel");
        AssertAllReach(a, b);
    }

    [Fact]
    public void The_MTU_follows_the_underlay()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        _ = NodeProgram.Run(a.Namespace, "ip link set eth0 mtu 1400");
        _ = a.Await(() => a.Client.FindLink("cni-vx0")!.Mtu == 1350, "the smaller MTU");
        _ = a.Await(() => a.Datapath.Mtu == 1350, "that it is told");
        AssertAllReach(a, b);
    }
}
