using Agent.Overlay;
using Linux.Addresses;
using Netlink.Route.Events;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class OverlayHealingKernelTests : OverlayKernelTest
{
    // What a person may lose; as a rule it is less than a tenth.
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("ip link del cni-vx0")]
    [InlineData("ip link set cni-vx0 down")]
    [InlineData("ip link set cni-vx0 mtu 1300")]
    [InlineData("ip link set cni-vx0 address 02:00:00:00:00:77")]
    [InlineData("ip route flush proto 67")]
    [InlineData("ip -6 route flush proto 67")]
    [InlineData("ip -6 neigh del $(ip -6 neigh show dev cni-vx0 nud permanent | head -1 | cut -d' ' -f1) dev cni-vx0")]
    [InlineData("bridge fdb del $(bridge fdb show dev cni-vx0 | head -1 | cut -d' ' -f1) dev cni-vx0")]
    [InlineData("bridge fdb replace $(bridge fdb show dev cni-vx0 | head -1 | cut -d' ' -f1) dev cni-vx0 dst 192.0.2.77")]
    [InlineData("ip addr flush dev cni-vx0 scope global")]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete table inet cniplugin-overlay")]
    [InlineData("nft flush chain inet cniplugin-overlay input")]
    [InlineData("nft flush set inet cniplugin-overlay peers4")]
    [InlineData("nft flush set inet cniplugin-overlay pools4")]
    [InlineData("nft add element inet cniplugin-overlay peers4 { 192.0.2.77 }")]
    [InlineData("ip route add 10.244.99.0/26 via 192.0.2.2 proto 67")]
    public void What_is_broken_is_whole_again_within_a_second(string deed)
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        AssertAllReach(a, b);
        string before = a.State();
        TimeSpan took = TimeSpan.MaxValue;
        // The machine may have other things to do; the best of three counts.
        for (int i = 0; i < 3 && took >= Whole; i++)
        {
            _ = NodeProgram.Run(a.Namespace, deed);
            took = a.Await(() => Normal(a.State()) == Normal(before), $"the state of before, which was\n{before}");
        }
        Assert.True(took < Whole, $"it took {took}");
        AssertAllReach(a, b);
    }

    [Fact]
    public async Task A_restart_changes_nothing_and_loses_no_packet()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        a.Start([b.As(OverlayBackend.Vxlan), c.As(OverlayBackend.Auto)]);
        b.Start([a.As(OverlayBackend.Vxlan)]);
        c.Start([a.As(OverlayBackend.Auto)]);
        AssertAllReach(a, b);
        Task<(int ExitCode, string Output)> ping = Task.Run(() => NodeProgram.TryRun(b.Pod, $"ping -n -q -i 0.01 -c 150 {a.Pod4}"));
        a.Stop();
        string before = a.State();
        uint generation = a.Nft.GetGeneration();
        using RouteEvents events = RouteEvents.Open(a.Namespace, RouteSubjects.All);
        while (events.Next(TimeSpan.Zero) is not null)
        {
        }
        int lines = a.Log.Count();
        a.Start([b.As(OverlayBackend.Vxlan), c.As(OverlayBackend.Auto)]);
        // A neighbour of the switch may have become stale meanwhile, which is the kernel's doing.
        List<RouteEvent> told = [];
        while (events.Next(TimeSpan.Zero) is { } change)
            told.Add(change);
        Assert.DoesNotContain(told, static change => change is not NeighbourEvent);
        Assert.Equal(lines, a.Log.Count());
        Assert.Equal(generation, a.Nft.GetGeneration());
        Assert.Equal(before, a.State());
        Assert.Contains("150 received", (await ping).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_update_nothing_of_before_is_touched()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        a.Stop();
        string before = a.State();
        using OverlayDatapath later = OverlayDatapath.Open(
            new OverlaySettings { Cluster = "test", Node = "node1", Addresses = a.Addresses }, a.Namespace);
        using CancellationTokenSource stop = new();
        Task running = later.RunAsync(stop.Token);
        // It is asked for a change, and has none to make.
        _ = NodeProgram.Run(a.Namespace, "ip link add other type veth; nft add table inet other");
        await stop.CancelAsync();
        await running;
        Assert.Equal(before, a.State());
        AssertAllReach(a, b);
    }

    [Fact]
    public void Another_tunnel_of_our_name_is_made_anew()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        _ = NodeProgram.Run(a.Namespace, "ip link add cni-vx0 type vxlan id 42 dstport 4790 local 192.0.2.1 nolearning");
        StartAll(OverlayBackend.Vxlan, a, b);
        Assert.Equal(OverlaySettings.DefaultVni, a.Client.FindLink("cni-vx0")!.Vxlan!.Id);
        AssertAllReach(a, b);
    }

    [Fact]
    public void A_device_that_is_no_tunnel_stays_and_is_named()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        _ = NodeProgram.Run(a.Namespace, "ip link add cni-vx0 type bridge");
        a.Start([b.As(OverlayBackend.Vxlan), c.As(OverlayBackend.HostGateway)]);
        c.Start([a.As(OverlayBackend.HostGateway)]);
        Assert.Equal(
            "interface cni-vx0 is no VXLAN but a bridge, so nothing can be reached by it; rename or remove it",
            Assert.Single(a.Datapath.Problems));
        Assert.Equal("bridge", a.Client.FindLink("cni-vx0")!.Kind);
        AssertAllReach(a, c);
        // What has gone is tried again.
        _ = NodeProgram.Run(a.Namespace, "ip link del cni-vx0");
        b.Start([a.As(OverlayBackend.Vxlan)]);
        _ = a.Await(() => a.Datapath.Problems.Count == 0, "the tunnel");
        AssertAllReach(a, b);
    }

    [Fact]
    public void A_tunnel_that_has_the_number_already_is_named()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        _ = NodeProgram.Run(
            a.Namespace, $"ip link add other type vxlan id {OverlaySettings.DefaultVni} dstport 4789 local 192.0.2.1 nolearning");
        a.Start(OverlayBackend.Vxlan, b);
        string problem = Assert.Single(a.Datapath.Problems);
        Assert.Contains("VNI 4410953 at UDP port 4789; choose another vni or port", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Peers_that_are_gone_leave_nothing()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        StartAll(OverlayBackend.Vxlan, a, b, c);
        a.Update([c.As(OverlayBackend.Vxlan)]);
        string one = a.State();
        Assert.DoesNotContain("10.244.2.0", one, StringComparison.Ordinal);
        Assert.DoesNotContain("fd00:244:2::", one, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.2", one, StringComparison.Ordinal);
        Assert.DoesNotContain($"{VtepAddresses.MacOf("test", "node2")}", one, StringComparison.Ordinal);
        AssertAllReach(a, c);

        a.Update([]);
        Assert.Null(a.Client.FindLink("cni-vx0"));
        Assert.Equal(["10.244.1.0/26", "fd00:244:1::/122"], a.Routes().Select(static route => $"{route.Destination}"));
        Assert.All(a.Routes(), static route => Assert.Equal(RouteType.Unreachable, route.Type));
        Assert.Empty(a.Nft.ListElements(OverlayRuleset.Peers(IpFamily.IPv4)));
    }

    [Fact]
    public void Routes_of_others_are_left_alone_and_named()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        _ = NodeProgram.Run(a.Namespace, "ip route add 10.244.2.0/26 via 192.0.2.254");
        StartAll(OverlayBackend.Vxlan, a, b, c);
        Assert.Collection(
            a.Datapath.Problems.Order(StringComparer.Ordinal),
            static problem => Assert.StartsWith("node node2: add route 10.244.2.0/26 via fe80::", problem, StringComparison.Ordinal),
            static problem => Assert.StartsWith("pool 10.244.0.0/16 overlaps with 10.244.2.0/26 of ", problem, StringComparison.Ordinal));
        AssertAllReach(a, c);
        _ = NodeProgram.Run(a.Namespace, "ip route del 10.244.2.0/26 via 192.0.2.254");
        _ = a.Await(() => a.Datapath.Problems.Count == 0, "the route");
        AssertAllReach(a, b);
    }

    /// <summary>The order of what the programs show is not ours, and the kernel numbers devices anew.</summary>
    private static string Normal(string state) => string.Join('\n', NftProgram.Lines(state).Order(StringComparer.Ordinal));
}
