using Linux.Kernel;
using Linux.Namespaces;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

public sealed class FirewallPacketKernelTests : FirewallKernelTest
{
    private const string Published4 = "192.0.2.99";
    private const string Published6 = "2001:db8::99";

    private void DropWhatIsForwarded() => NodeProgram.Run(Node, "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");

    /// <summary>A published port in the small: what comes for an address of the node goes to the pod.</summary>
    private void Publish(FirewallPod pod) => NodeProgram.Run(Node, $$"""
        ip addr add {{Published4}}/24 dev out0; ip addr add {{Published6}}/64 dev out0 nodad
        nft 'table inet publish {
          chain prerouting {
            type nat hook prerouting priority dstnat;
            ip daddr {{Published4}} icmp type echo-request dnat ip to {{pod.Address4}}
            ip6 daddr {{Published6}} icmpv6 type echo-request dnat ip6 to {{pod.Address6}}
          }
        }'
        """);

    private static void AssertPings(bool expected, NetworkNamespace from, params string[] addresses) =>
        Assert.All(
            addresses,
            address => Assert.True(NodeProgram.Pings(from, address) == expected, $"{address} is {(expected ? "not " : "")}answered"));

    [Fact]
    public void Pods_own_traffic_and_published_ports_pass_and_nothing_else()
    {
        FirewallPod pod = NewPod(1, 5);
        Publish(pod);
        AssertPings(true, pod.Namespace, Outside4, Outside6);
        AssertPings(true, Outside, pod.Address4, pod.Address6, Published4, Published6);
        DropWhatIsForwarded();
        AssertPings(false, pod.Namespace, Outside4, Outside6);
        AssertPings(false, Outside, Published4, Published6);

        _ = Call("ADD", pod);
        AssertPings(true, pod.Namespace, Outside4, Outside6);
        AssertPings(true, Outside, Published4, Published6);
        AssertPings(false, Outside, pod.Address4, pod.Address6);

        _ = Call("DEL", pod);
        AssertPings(false, pod.Namespace, Outside4, Outside6);
        AssertPings(false, Outside, Published4, Published6);
    }

    /// <summary>Gives all packets a mark as they come in, and counts those that still have it when they have been forwarded.</summary>
    private void MarkAll(string mark) => NodeProgram.Run(Node, $$"""
        nft 'table inet marker {
          counter whole { }
          counter other { }
          counter class { }
          chain prerouting { type filter hook prerouting priority mangle; meta mark set {{mark}}; }
          chain forward {
            type filter hook forward priority 10;
            meta mark {{mark}} counter name whole
            meta mark != {{mark}} counter name other
            meta priority & 0xffff0000 != 0 counter name class
          }
        }'
        """);

    private int Count(string counter) => int.Parse(
        NodeProgram.Run(Node, $"nft list counter inet marker {counter}").Split("packets ")[1].Split(' ')[0],
        System.Globalization.CultureInfo.InvariantCulture);

    // The bit, mwan3's mask and kinds of Calico's among them, kube-proxy's, and one that is all bits.
    public static TheoryData<string> Marks =>
        ["0x1000", "0x3f00", "0x1f00", "0x4000", "0x8000", "0xffff0000", "0xffff1000", "0xffffffff", "0xa5a5efa5"];

    [Theory]
    [MemberData(nameof(Marks))]
    public void Foreign_mark_opens_nothing_of_a_pod_and_is_there_again_behind(string mark)
    {
        FirewallPod pod = NewPod(1, 5);
        Publish(pod);
        DropWhatIsForwarded();
        _ = Call("ADD", pod);
        MarkAll(mark);
        AssertPings(false, Outside, pod.Address4, pod.Address6);
        AssertPings(true, pod.Namespace, Outside4, Outside6);
        AssertPings(true, Outside, Published4, Published6);
        Assert.True(Count("whole") >= 8);
        Assert.Equal((0, 0), (Count("other"), Count("class")));
    }

    [Theory]
    [MemberData(nameof(Marks))]
    public void Mark_of_packets_that_are_no_pods_is_never_touched(string mark)
    {
        (FirewallPod pod, FirewallPod stranger) = (NewPod(1, 5), NewPod(2, 5));
        _ = Call("ADD", pod);
        MarkAll(mark);
        NodeProgram.Run(Node, $$"""
            nft 'table inet between {
              counter changed { }
              chain forward { type filter hook forward priority 0; meta mark != {{mark}} counter name changed; }
            }'
            """);
        AssertPings(true, stranger.Namespace, Outside4, Outside6);
        AssertPings(true, Outside, stranger.Address4, stranger.Address6);
        Assert.Contains("packets 0 ", NodeProgram.Run(Node, "nft list counter inet between changed"), StringComparison.Ordinal);
        Assert.True(Count("whole") >= 8);
        Assert.Equal((0, 0), (Count("other"), Count("class")));
    }

    [Fact]
    public void Packets_without_a_mark_have_none_behind()
    {
        FirewallPod pod = NewPod(1, 5);
        Publish(pod);
        _ = Call("ADD", pod);
        MarkAll("0x0");
        AssertPings(true, pod.Namespace, Outside4, Outside6);
        AssertPings(true, Outside, Published4, Published6, pod.Address4, pod.Address6);
        Assert.True(Count("whole") >= 12);
        Assert.Equal((0, 0), (Count("other"), Count("class")));
    }

    [Fact]
    public void Operators_rules_overrule_what_may_pass()
    {
        FirewallPod pod = NewPod(1, 5);
        DropWhatIsForwarded();
        _ = Call("ADD", pod);
        AssertPings(true, pod.Namespace, Outside4, Outside6);
        NodeProgram.Run(Node, $"iptables -A CNI-ADMIN -d {Outside4} -j DROP; ip6tables -A CNI-ADMIN -d {Outside6} -j DROP");
        AssertPings(false, pod.Namespace, Outside4, Outside6);
        _ = Call("ADD", NewPod(1, 6));
        AssertPings(false, pod.Namespace, Outside4, Outside6);
    }

    [Fact]
    public void Pods_reach_each_other_where_the_policy_is_open()
    {
        (FirewallPod first, FirewallPod peer, FirewallPod other) = (NewPod(1, 5), NewPod(1, 6), NewPod(2, 5));
        DropWhatIsForwarded();
        foreach (FirewallPod pod in (FirewallPod[])[first, peer, other])
            _ = Call("ADD", pod);
        AssertPings(true, first.Namespace, peer.Address4, peer.Address6);
        // As with the reference: what a pod sends may pass, wherever it goes.
        AssertPings(true, first.Namespace, other.Address4, other.Address6);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Same_bridge_lets_peers_talk_and_keeps_bridges_apart(string bridgeNetfilter)
    {
        (FirewallPod first, FirewallPod peer, FirewallPod other, FirewallPod open) = (
            NewPod(1, 5), NewPod(1, 6), NewPod(2, 5), NewPod(3, 5));
        SetBridgeNetfilter(bridgeNetfilter);
        foreach (FirewallPod pod in (FirewallPod[])[first, peer, other])
            _ = Call("ADD", pod, "\"ingressPolicy\": \"same-bridge\"");
        _ = Call("ADD", open);
        AssertPings(true, first.Namespace, peer.Address4, peer.Address6, "10.1.0.1", "fd00:1::1", Outside4, Outside6);
        AssertPings(false, first.Namespace, other.Address4, other.Address6);
        AssertPings(false, other.Namespace, first.Address4, first.Address6);
        // A bridge without a policy is none of those that are kept apart.
        AssertPings(true, first.Namespace, open.Address4);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Isolated_keeps_pods_of_one_bridge_apart_too(string bridgeNetfilter)
    {
        (FirewallPod first, FirewallPod peer, FirewallPod other) = (NewPod(1, 5), NewPod(1, 6), NewPod(2, 5));
        SetBridgeNetfilter(bridgeNetfilter);
        AssertPings(true, first.Namespace, peer.Address4, other.Address4);
        _ = Call("ADD", first, "\"ingressPolicy\": \"isolated\"");
        _ = Call("ADD", peer, "\"ingressPolicy\": \"isolated\"");
        _ = Call("ADD", other, "\"ingressPolicy\": \"same-bridge\"");
        AssertPings(false, first.Namespace, peer.Address4, peer.Address6, other.Address4, other.Address6);
        AssertPings(false, other.Namespace, first.Address4, first.Address6);
        AssertPings(true, first.Namespace, "10.1.0.1", "fd00:1::1", Outside4, Outside6);
        AssertPings(true, Node, first.Address4, first.Address6);
    }

    [Fact]
    public void Isolated_pods_do_not_reach_each_other_by_way_of_the_gateway()
    {
        (FirewallPod first, FirewallPod peer) = (NewPod(1, 5), NewPod(1, 6));
        SetBridgeNetfilter("0");
        foreach (FirewallPod pod in (FirewallPod[])[first, peer])
        {
            _ = Call("ADD", pod, "\"ingressPolicy\": \"isolated\"");
            NodeProgram.Run(
                pod.Namespace, "ip route del 10.1.0.0/16; ip route add 10.1.0.1 dev eth0; ip route replace default via 10.1.0.1");
        }
        AssertPings(true, first.Namespace, Outside4);
        AssertPings(false, first.Namespace, peer.Address4);
    }

    [Fact]
    public void Strictest_policy_of_a_bridge_holds()
    {
        (FirewallPod first, FirewallPod peer, FirewallPod other) = (NewPod(1, 5), NewPod(1, 6), NewPod(2, 5));
        _ = Call("ADD", first, "\"ingressPolicy\": \"isolated\"");
        _ = Call("ADD", peer, "\"ingressPolicy\": \"isolated\"");
        _ = Call("ADD", other, "\"ingressPolicy\": \"same-bridge\"");
        // A pod more, of a network with a weaker policy on the same bridge.
        _ = Call("ADD", NewPod(1, 7), "\"ingressPolicy\": \"same-bridge\"");
        AssertPings(false, first.Namespace, peer.Address4, other.Address4);
    }

    private void SetBridgeNetfilter(string value) => Node.Run(() =>
    {
        Sysctl.Write("net/bridge/bridge-nf-call-iptables", value);
        Sysctl.Write("net/bridge/bridge-nf-call-ip6tables", value);
    });
}
