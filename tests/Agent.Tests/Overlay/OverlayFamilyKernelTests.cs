using Agent.Overlay;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class OverlayFamilyKernelTests : OverlayKernelTest
{
    [Fact]
    public void Nodes_of_IPv6_alone_carry_pods_of_both_families()
    {
        OverlayHost a = OnSwitch(1, isIPv6: true), b = OnSwitch(2, isIPv6: true);
        StartAll(OverlayBackend.Vxlan, a, b);
        AssertAllReach(a, b);
        Assert.Null(a.Client.FindLink("cni-vx0"));
        Assert.Equal((1430, 1430), (a.Client.FindLink("cni-vx6")!.Mtu, a.Datapath.Mtu));
        Assert.Equal(0, NodeProgram.TryRun(a.Pod, $"ping -n -c1 -W1 -M do -s 1402 {b.Pod4}").ExitCode);
        Assert.NotEqual(0, NodeProgram.TryRun(a.Pod, $"ping -n -c1 -W1 -M do -s 1403 {b.Pod4}").ExitCode);
    }

    [Fact]
    public void Nodes_of_IPv6_alone_are_gateways_of_both_families()
    {
        OverlayHost a = OnSwitch(1, isIPv6: true), b = OnSwitch(2, isIPv6: true);
        StartAll(OverlayBackend.HostGateway, a, b);
        AssertAllReach(a, b);
        Assert.Empty(a.Datapath.Problems);
    }

    [Fact]
    public void Nodes_of_IPv4_alone_are_gateways_of_IPv4_and_tunnel_IPv6()
    {
        OverlayHost a = OnSwitch(1, isIPv6: false), b = OnSwitch(2, isIPv6: false);
        StartAll(OverlayBackend.Auto, a, b);
        AssertAllReach(a, b);
        int tunnel = a.Client.FindLink("cni-vx0")!.Index;
        Assert.Equal([b.Block6], a.Routes().Where(route => route.OutputIndex == tunnel).Select(static route => route.Destination));
    }

    [Fact]
    public void A_node_with_both_families_has_a_tunnel_of_each_where_it_must()
    {
        OverlayHost a = OnSwitch(1), four = OnSwitch(2, isIPv6: false), six = OnSwitch(3, isIPv6: true);
        StartAll(OverlayBackend.Vxlan, a, four, six);
        AssertAllReach(a, four);
        AssertAllReach(a, six);
        Assert.Equal((1450, 1430), (a.Client.FindLink("cni-vx0")!.Mtu, a.Client.FindLink("cni-vx6")!.Mtu));
        Assert.Empty(a.Datapath.Problems);
        Assert.Equal(
            "node node3 has no address of a family that this node has, too: it has fd00:2::3, this node has 192.0.2.2; give both one of "
            + "the same family",
            Assert.Single(four.Datapath.Problems));
        Assert.False(four.Reaches(six));
    }
}
