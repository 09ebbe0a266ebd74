using System.Net;
using Agent.Overlay;
using Linux.Addresses;
using Netlink.WireGuard;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class WireGuardPlannerTests
{
    private const OverlayBackend Encrypted = OverlayBackend.WireGuard;

    [Fact]
    public void Node_is_a_peer_with_all_its_blocks_and_a_route_to_those_of_the_backend()
    {
        OverlayPlan plan = Plan(
            Peer("b", "192.0.2.2 fd00:2::2", 2, ("10.244.2.0/26", Encrypted), ("10.9.2.0/26", OverlayBackend.Vxlan)),
            Peer("c", "fd00:2::3", 3, ("10.9.3.0/26", OverlayBackend.Vxlan)));
        Assert.Empty(plan.Problems);
        Assert.Equal(["192.0.2.2:51820", "[fd00:2::3]:51820"], plan.WireGuard.Peers.Select(static peer => $"{peer.Endpoint}"));
        Assert.Equal(["10.244.2.0/26 10.9.2.0/26", "10.9.3.0/26"], plan.WireGuard.Peers.Select(static peer => Text(peer.AllowedIps)));
        Assert.Equal(["10.244.2.0/26", ""], plan.WireGuard.Peers.Select(static peer => Text(peer.Routed)));
        Assert.Equal("10.244.2.0/26", Text(plan.WireGuard.Blocks));
        Assert.Equal("10.9.2.0/26 10.9.3.0/26", Text(plan.Routes.Select(static route => route.Block)));
    }

    [Fact]
    public void Without_a_block_of_the_backend_there_is_no_tunnel()
    {
        PlannedWireGuard plan = Plan(Peer("b", "192.0.2.2", 2, ("10.9.2.0/26", OverlayBackend.Vxlan))).WireGuard;
        Assert.False(plan.IsWanted);
        Assert.Empty(plan.Peers);
    }

    [Fact]
    public void Node_without_a_key_is_named_and_its_blocks_are_not_sent_to_in_clear()
    {
        OverlayPlan plan = Plan(
            Peer("b", "192.0.2.2", null, ("10.244.2.0/26", Encrypted)), Peer("c", "192.0.2.3", 3, ("10.244.3.0/26", Encrypted)));
        Assert.Equal(
            "node b has told no WireGuard key, so no packet goes to its pods in 10.244.2.0/26: start its agent, or update it",
            Assert.Single(plan.Problems));
        Assert.Equal("c", Assert.Single(plan.WireGuard.Peers).Node);
        Assert.Equal("10.244.2.0/26 10.244.3.0/26", Text(plan.WireGuard.Blocks));
        Assert.Empty(plan.Routes);
    }

    [Theory]
    [InlineData(1, "a")]
    [InlineData(2, "b")]
    public void Key_of_another_node_is_named(int key, string owner)
    {
        OverlayPlan plan = Plan(
            Peer("b", "192.0.2.2", 2, ("10.244.2.0/26", Encrypted)), Peer("c", "192.0.2.3", key, ("10.244.3.0/26", Encrypted)));
        Assert.StartsWith(
            $"node c has the WireGuard key of node {owner}, so no packet goes to its pods",
            Assert.Single(plan.Problems),
            StringComparison.Ordinal);
        Assert.Equal("b", Assert.Single(plan.WireGuard.Peers).Node);
    }

    [Fact]
    public void Node_that_cannot_be_a_peer_is_not_sent_to_in_clear_either()
    {
        OverlayPlan plan = Plan(Peer("a", "192.0.2.2", 2, ("10.244.2.0/26", Encrypted)), Peer("b", "", 3, ("10.244.3.0/26", Encrypted)));
        Assert.Equal(2, plan.Problems.Count);
        Assert.Empty(plan.WireGuard.Peers);
        Assert.Equal("10.244.2.0/26 10.244.3.0/26", Text(plan.WireGuard.Blocks));
    }

    private static OverlayPlan Plan(params OverlayPeer[] peers)
    {
        OverlaySettings settings = new()
        {
            Cluster = "test",
            Node = "a",
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("fd00:2::1")],
            WireGuardKey = Private(1),
        };
        return new OverlayPlanner(settings, static _ => null).Plan(peers, [TestCall.Prefix("10.244.1.0/26")]);
    }

    private static OverlayPeer Peer(string node, string addresses, int? key, params (string Block, OverlayBackend Backend)[] blocks) => new(
        node,
        [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)],
        [.. blocks.Select(static block => new OverlayBlock(TestCall.Prefix(block.Block), block.Backend))])
    {
        WireGuardKey = key is { } number ? X25519.PublicKeyOf(Private(number)) : null,
    };

    private static WireGuardKey Private(int number)
    {
        byte[] bytes = new byte[WireGuardKey.Size];
        bytes[1] = (byte)number;
        return new WireGuardKey(bytes);
    }

    private static string Text(IEnumerable<IpPrefix> prefixes) => string.Join(' ', prefixes);
}
