using EndToEnd.Conformance;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Firewall;

/// <summary>What passes a node on which Debian's iptables drops what is forwarded.</summary>
public sealed class FirewallPacketTests : IDisposable
{
    private const string InOutside = "outside";

    private readonly ConformanceNode _node = new();

    public FirewallPacketTests()
    {
        _ = OutsideWorld.CreateIn(_node.Sandbox);
        _ = _node.Sandbox.Run("sh", "-euc", $"""
            iptables -P FORWARD DROP; ip6tables -P FORWARD DROP
            ip -n {InOutside} route add 10.0.0.0/8 via {OutsideWorld.NodeAddress4};
            ip -n {InOutside} route add fd00::/8 via {OutsideWorld.NodeAddress6}
            """);
    }

    public void Dispose() => _node.Dispose();

    private bool OutsideReaches(string address) =>
        _node.Sandbox.TryRun("ip", "netns", "exec", InOutside, "ping", "-n", "-c1", "-W1", address).ExitCode == 0;

    [Fact]
    public void Pods_traffic_and_published_ports_pass_until_DEL()
    {
        FirewallNetwork firewall = new(_node, _node.NewNetwork());
        (Pod pod, string config) = firewall.AttachToBridge();
        pod.AssertDoesNotReach(OutsideWorld.Address4);
        _ = _node.Sandbox.Run("nft", $$"""
            table inet publish {
              chain prerouting {
                type nat hook prerouting priority dstnat;
                ip daddr {{OutsideWorld.NodeAddress4}} icmp type echo-request dnat ip to {{pod.Address()}}
                ip6 daddr {{OutsideWorld.NodeAddress6}} icmpv6 type echo-request dnat ip6 to {{pod.Address(IpFamily.IPv6)}}
              }
            }
            """);
        Assert.False(OutsideReaches(OutsideWorld.NodeAddress4));

        _ = _node.Plugin.Add("firewall", config, pod).ExpectSuccess();
        pod.AssertReaches(OutsideWorld.Address4);
        pod.AssertReaches(OutsideWorld.Address6);
        Assert.True(OutsideReaches(OutsideWorld.NodeAddress4));
        Assert.True(OutsideReaches(OutsideWorld.NodeAddress6));
        Assert.False(OutsideReaches(pod.Address()));
        Assert.False(OutsideReaches(pod.Address(IpFamily.IPv6)));

        // What iptables is used for on such nodes works on, and leaves the rule in its place.
        _ = _node.Sandbox.Run(
            "sh",
            "-euc",
            "iptables -S; iptables -A FORWARD -i none0 -j DROP; iptables-save | iptables-restore; ip6tables-save | ip6tables-restore");
        pod.AssertReaches(OutsideWorld.Address4);
        Assert.Empty(_node.Plugin.Check("firewall", config, pod).ExpectSuccess().Output);
        _ = _node.Sandbox.Run("sh", "-euc", "iptables -F; ip6tables -F");
        pod.AssertDoesNotReach(OutsideWorld.Address4);
        Assert.Contains("-A FORWARD -m mark", _node.Plugin.Check("firewall", config, pod).ExpectError(code: 104), StringComparison.Ordinal);
        _ = firewall.Attach();
        pod.AssertReaches(OutsideWorld.Address4);
        _ = _node.Sandbox.Run("sh", "-euc", "nft flush ruleset; iptables -P FORWARD DROP");
        (Pod next, _) = firewall.Attach();
        next.AssertReaches(OutsideWorld.Address4);

        firewall.Detach(pod, config);
    }

    [Fact]
    public void Operators_are_asked_first_also_where_iptables_legacy_drops()
    {
        Assert.SkipWhen(
            _node.Sandbox.TryRun("sh", "-euc", "iptables-legacy -P FORWARD DROP; ip6tables-legacy -P FORWARD DROP").ExitCode != 0,
            "this kernel has no ip_tables");
        FirewallNetwork firewall = new(_node, _node.NewNetwork());
        (Pod pod, string config) = firewall.AttachToBridge();
        pod.AssertDoesNotReach(OutsideWorld.Address4);
        PluginResult added = _node.Plugin.Add("firewall", config, pod).ExpectSuccess();
        Assert.Empty(added.Error);
        pod.AssertReaches(OutsideWorld.Address4);
        pod.AssertReaches(OutsideWorld.Address6);
        _ = _node.Plugin.Check("firewall", config, pod).ExpectSuccess();
        foreach (string program in (string[])["iptables", "iptables-legacy"])
        {
            _ = _node.Sandbox.Run("sh", "-euc", $"{program} -A CNI-ADMIN -d {OutsideWorld.Address4} -j REJECT");
            pod.AssertDoesNotReach(OutsideWorld.Address4);
            _ = _node.Sandbox.Run("sh", "-euc", $"{program} -F CNI-ADMIN");
            pod.AssertReaches(OutsideWorld.Address4);
        }
        firewall.Detach(pod, config);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Policies_keep_pods_apart_and_let_them_out(string bridgeNetfilter)
    {
        _ = _node.Sandbox.Run(
            "sh", "-euc", $"for file in ip ip6; do echo {bridgeNetfilter} >/proc/sys/net/bridge/bridge-nf-call-$file''tables; done");
        FirewallNetwork isolated = new(_node, _node.NewNetwork(), "\"ingressPolicy\": \"isolated\"");
        FirewallNetwork sameBridge = new(_node, _node.NewNetwork(), "\"ingressPolicy\": \"same-bridge\"");
        Pod[] lonely = [isolated.Attach().Pod, isolated.Attach().Pod];
        Pod[] friends = [sameBridge.Attach().Pod, sameBridge.Attach().Pod];
        foreach (IpFamily family in IpFamily.Both)
        {
            lonely[0].AssertDoesNotReach(lonely[1].Address(family));
            lonely[0].AssertDoesNotReach(friends[0].Address(family));
            friends[0].AssertDoesNotReach(lonely[0].Address(family));
            friends[0].AssertReaches(friends[1].Address(family));
            foreach (Pod pod in (Pod[])[lonely[0], friends[0]])
                pod.AssertReaches(family.IsIPv6 ? OutsideWorld.Address6 : OutsideWorld.Address4);
            lonely[0].AssertReaches(family.IsIPv6 ? isolated.Network.Gateway6 : isolated.Network.Gateway4);
        }
    }
}
