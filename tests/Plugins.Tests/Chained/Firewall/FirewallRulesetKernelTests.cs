using Cni;
using Netlink.Nftables;
using Plugins.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

public sealed class FirewallRulesetKernelTests : FirewallKernelTest
{
    private const string Isolated = "\"ingressPolicy\": \"isolated\"";

    private static string CommentOf(FirewallPod pod) => $"comment \"{pod.Tag.Text} pods {pod.ContainerId} eth0\"";

    [Fact]
    public void Nft_lists_what_is_meant()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        NftProgram.AssertListing(Node, $$"""
            table inet cniplugin {
                set pods4 {
                    type ipv4_addr
                    elements = { 10.1.0.5 {{CommentOf(pod)}} }
                }
                set pods6 {
                    type ipv6_addr
                    elements = { fd00:1::5 {{CommentOf(pod)}} }
                }
                chain forward_mark_hide {
                    meta mark set meta mark & 0xffffefff meta priority set meta priority ^ 4000:0
                }
                chain forward_mark_restore {
                    meta mark set meta mark | 0x00001000 meta priority set meta priority ^ 4000:0 accept
                }
                chain forward_mark {
                    type filter hook forward priority filter - 1; policy accept;
                    meta mark & 0x00001000 == 0x00001000 ip saddr @pods4 jump forward_mark_hide
                    meta mark & 0x00001000 == 0x00001000 ip daddr @pods4 jump forward_mark_hide
                    meta mark & 0x00001000 == 0x00001000 ip6 saddr @pods6 jump forward_mark_hide
                    meta mark & 0x00001000 == 0x00001000 ip6 daddr @pods6 jump forward_mark_hide
                    ip saddr @pods4 meta mark set meta mark | 0x00001000
                    ip daddr @pods4 ct state established,related meta mark set meta mark | 0x00001000
                    ip daddr @pods4 ct status dnat meta mark set meta mark | 0x00001000
                    ip6 saddr @pods6 meta mark set meta mark | 0x00001000
                    ip6 daddr @pods6 ct state established,related meta mark set meta mark | 0x00001000
                    ip6 daddr @pods6 ct status dnat meta mark set meta mark | 0x00001000
                }
                chain forward_unmark {
                    type filter hook forward priority filter + 1; policy accept;
                    meta priority & 4000:0 == 4000:0 ip saddr @pods4 goto forward_mark_restore
                    meta priority & 4000:0 == 4000:0 ip daddr @pods4 goto forward_mark_restore
                    meta priority & 4000:0 == 4000:0 ip6 saddr @pods6 goto forward_mark_restore
                    meta priority & 4000:0 == 4000:0 ip6 daddr @pods6 goto forward_mark_restore
                    meta mark & 0x00001000 == 0x00001000 ip saddr @pods4 meta mark set meta mark & 0xffffefff
                    meta mark & 0x00001000 == 0x00001000 ip daddr @pods4 meta mark set meta mark & 0xffffefff
                    meta mark & 0x00001000 == 0x00001000 ip6 saddr @pods6 meta mark set meta mark & 0xffffefff
                    meta mark & 0x00001000 == 0x00001000 ip6 daddr @pods6 meta mark set meta mark & 0xffffefff
                }
            }
            table ip filter {
                chain FORWARD {
                    type filter hook forward priority filter; policy accept;
                    counter packets 0 bytes 0 jump CNI-ADMIN
                    meta mark & 0x00001000 == 0x00001000 counter packets 0 bytes 0 accept
                }
                chain CNI-ADMIN {
                }
            }
            table ip6 filter {
                chain FORWARD {
                    type filter hook forward priority filter; policy accept;
                    counter packets 0 bytes 0 jump CNI-ADMIN
                    meta mark & 0x00001000 == 0x00001000 counter packets 0 bytes 0 accept
                }
                chain CNI-ADMIN {
                }
            }
            """);
    }

    [Fact]
    public void Nft_lists_the_isolation_as_it_is_meant()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod, Isolated);
        _ = Call("ADD", NewPod(2, 5), "\"ingressPolicy\": \"same-bridge\"");
        string[] lines = NftProgram.Lines(NftProgram.List(Node));
        string listing = string.Join('\n', lines);
        Assert.Contains("""
            chain forward_isolate {
            type filter hook forward priority filter - 2; policy accept;
            iifname . oifname @bridges_isolated drop
            iifname . oifname @bridges_inside accept
            iifname @bridges oifname @bridges drop
            }
            """, listing, StringComparison.Ordinal);
        Assert.Contains($$"""
            table bridge cniplugin {
            set isolated_ports {
            type ifname
            elements = { "{{pod.Tag.HostInterfaceName}}" {{CommentOf(pod)}} }
            }
            chain forward_isolate {
            type filter hook forward priority filter; policy accept;
            iifname @isolated_ports oifname @isolated_ports drop
            }
            }
            """, listing, StringComparison.Ordinal);
        Assert.Contains("type ifname . ifname\nelements = { \"cni1\" . \"cni1\" }", listing, StringComparison.Ordinal);
        foreach (string set in (string[])["bridges", "bridges_inside"])
        {
            string elements = NodeProgram.Run(Node, $"nft list set inet cniplugin {set}");
            Assert.Contains("cni1", elements, StringComparison.Ordinal);
            Assert.Contains("cni2", elements, StringComparison.Ordinal);
        }
        NodeProgram.Run(Node, "nft list ruleset >/dev/null; nft list ruleset | (echo flush ruleset; cat) | nft -f -");
        Assert.Equal(lines.Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Hundred_pods_need_no_more_chains_and_rules_than_one()
    {
        FirewallPod pod = NewPod(1, 2);
        _ = Call("ADD", pod, Isolated);
        string[] one = ChainsAndRules();
        for (int i = 0; i < 100; i++)
        {
            _ = Call(
                "ADD",
                pod with { ContainerId = $"x{i}", Address4 = $"10.1.1.{i}", Address6 = $"fd00:1::1:{i}" },
                "\"ingressPolicy\": \"same-bridge\"");
        }
        Assert.Equal(one, ChainsAndRules());
    }

    [Fact]
    public void DEL_leaves_no_element_and_may_be_repeated()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod, Isolated);
        for (int i = 0; i < 2; i++)
            _ = Call("DEL", pod);
        Assert.DoesNotContain("comment", NftProgram.List(Node), StringComparison.Ordinal);
        TestCall.AssertFails(CniErrorCode.CheckFailed, ["10.1.0.5", "pods4"], () => Call("CHECK", pod, Isolated));
    }

    [Fact]
    public void DEL_finds_its_elements_without_a_prevResult()
    {
        (FirewallPod pod, FirewallPod other) = (NewPod(1, 5), NewPod(1, 6));
        _ = Call("ADD", pod, Isolated);
        _ = Call("ADD", other, Isolated);
        _ = Call("DEL", pod, withResult: false);
        Assert.DoesNotContain(pod.Tag.Text, NftProgram.List(Node), StringComparison.Ordinal);
        _ = Call("CHECK", other, Isolated);
    }

    [Fact]
    public void DEL_spares_an_address_that_is_another_ones_by_now()
    {
        (FirewallPod pod, FirewallPod other) = (NewPod(1, 5), NewPod(1, 6));
        _ = Call("ADD", other with { Address4 = pod.Address4 });
        _ = Call("DEL", pod);
        Assert.StartsWith(other.Tag.Text, OwnerOf(pod.Address4), StringComparison.Ordinal);
    }

    [Fact]
    public void Address_of_a_dead_attachment_is_taken_over_and_that_of_a_live_one_refused()
    {
        (FirewallPod first, FirewallPod second) = (NewPod(1, 5), NewPod(1, 6));
        _ = Call("ADD", first);
        FirewallPod thief = second with { Address4 = first.Address4 };
        TestCall.AssertFails(CniErrorCode.AlreadyExists, ["10.1.0.5", "network pods", first.ContainerId], () => Call("ADD", thief));
        Assert.Null(OwnerOf(second.Address6));
        _ = NodeClient.TryDeleteLink(IndexOf(first.Tag.HostInterfaceName));
        _ = Call("ADD", thief);
        Assert.StartsWith(second.Tag.Text, OwnerOf(first.Address4), StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_that_never_meet_have_the_same_address_side_by_side()
    {
        FirewallPod first = NewPod(1, 5), made = NewPod(2, 5);
        FirewallPod second = made with { Network = "other", Address4 = first.Address4 };
        NodeProgram.Run(
            Node,
            $"ip link set {made.Tag.HostInterfaceName} down; ip link set {made.Tag.HostInterfaceName} name {second.Tag.HostInterfaceName}");
        _ = Call("ADD", first);
        _ = Call("ADD", second);
        _ = Call("CHECK", first);
        _ = Call("CHECK", second);
        // firewalld must not forget what another pod has.
        FirewallSubject told = new([System.Net.IPAddress.Parse(first.Address4), System.Net.IPAddress.Parse(first.Address6)], [], []);
        Assert.Equal(
            [first.Address6], Node.Run(() => new PodFirewall(Nft, first.Tag).FindLast(told)).Select(static address => address.ToString()));
        Assert.Equal(
            [second.Address6], Node.Run(() => PodFirewall.FindLast(Nft, second.Tag.IsIn)).Select(static address => address.ToString()));
        _ = Call("DEL", first);
        _ = Call("CHECK", second);
        Assert.StartsWith(second.Tag.Text, OwnerOf(first.Address4), StringComparison.Ordinal);
        _ = Call("DEL", second);
        Assert.DoesNotContain("comment", NftProgram.List(Node), StringComparison.Ordinal);
    }

    [Fact]
    public void GC_removes_what_is_not_valid_and_bridges_that_are_no_more()
    {
        (FirewallPod valid, FirewallPod garbage, FirewallPod lonely) = (NewPod(1, 5), NewPod(1, 6), NewPod(2, 5));
        foreach (FirewallPod pod in (FirewallPod[])[valid, garbage, lonely])
            _ = Call("ADD", pod, Isolated);
        _ = NodeClient.TryDeleteLink(IndexOf("cni2"));
        _ = Call(
            "GC",
            valid,
            $"\"cni.dev/valid-attachments\": [{{\"containerID\": \"{valid.ContainerId}\", \"ifname\": \"eth0\"}}]",
            withResult: false);
        string listing = NftProgram.List(Node);
        Assert.DoesNotContain(garbage.Tag.Text, listing, StringComparison.Ordinal);
        Assert.DoesNotContain(lonely.Tag.Text, listing, StringComparison.Ordinal);
        Assert.DoesNotContain("cni2", listing, StringComparison.Ordinal);
        _ = Call("CHECK", valid, Isolated);
    }

    [Theory]
    [InlineData("flush chain inet cniplugin forward_mark", "forward_mark")]
    [InlineData("flush chain inet cniplugin forward_unmark", "forward_unmark")]
    [InlineData("insert rule inet cniplugin forward_mark accept", "forward_mark")]
    [InlineData("flush chain inet cniplugin forward_isolate", "forward_isolate")]
    [InlineData("flush chain bridge cniplugin forward_isolate", "bridge cniplugin forward_isolate")]
    [InlineData("delete element inet cniplugin bridges_isolated { cni1 . cni1 }", "bridges_isolated")]
    [InlineData("delete element inet cniplugin bridges { cni1 }", "cni1")]
    [InlineData("flush chain ip filter FORWARD", "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT", "ip filter FORWARD")]
    [InlineData("flush chain ip6 filter FORWARD", "ip6tables", "ip6 filter FORWARD")]
    [InlineData("flush chain inet cniplugin forward_mark_hide", "forward_mark_hide")]
    [InlineData("flush chain inet cniplugin forward_mark_restore", "forward_mark_restore")]
    [InlineData("delete table ip filter", "ip filter FORWARD")]
    [InlineData("flush ruleset", "forward_mark")]
    public void Damage_is_told_by_CHECK_and_mended_by_the_next_ADD(string damage, params string[] words)
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod, Isolated);
        string[] whole = NftProgram.Lines(NftProgram.List(Node));
        _ = Call("CHECK", pod, Isolated);
        NftProgram.Load(Node, damage);
        TestCall.AssertFails(CniErrorCode.CheckFailed, words, () => Call("CHECK", pod, Isolated));
        _ = Call("ADD", pod, Isolated);
        _ = Call("CHECK", pod, Isolated);
        Assert.Equal(whole.Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("delete element inet cniplugin pods4 { 10.1.0.5 }", "pods4", "10.1.0.5")]
    [InlineData("delete element inet cniplugin pods6 { fd00:1::5 }", "pods6", "fd00:1::5")]
    [InlineData("flush set bridge cniplugin isolated_ports", "isolated_ports", "veth")]
    public void Missing_element_is_named_by_CHECK(string damage, params string[] words)
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod, Isolated);
        NftProgram.Load(Node, damage);
        TestCall.AssertFails(CniErrorCode.CheckFailed, words, () => Call("CHECK", pod, Isolated));
    }

    [Fact]
    public void Another_bit_takes_the_place_of_the_former_one_everywhere()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        string before = NftProgram.List(Node);
        _ = Call("ADD", NewPod(1, 6), "\"markForwardBit\": 20");
        Assert.DoesNotContain("0x00001000", NftProgram.List(Node), StringComparison.Ordinal);
        Assert.Equal(
            "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N CNI-ADMIN\n-A FORWARD -j CNI-ADMIN\n-A FORWARD -m mark --mark "
            + "0x100000/0x100000 -j ACCEPT\n",
            NodeProgram.Run(Node, "iptables -S"));
        Assert.Contains("0x00001000", before, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1000u, "")]
    [InlineData(0x100000u, "\"markForwardBit\": 20")]
    public void Rules_of_a_former_version_are_changed_in_their_place(uint bit, string keys)
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod, keys);
        string[] whole = NftProgram.Lines(NftProgram.List(Node));
        NftProgram.Load(Node, """
            flush table inet cniplugin
            delete chain inet cniplugin forward_mark_hide
            delete chain inet cniplugin forward_mark_restore
            flush chain ip filter FORWARD
            flush chain ip6 filter FORWARD
            delete chain ip filter CNI-ADMIN
            delete chain ip6 filter CNI-ADMIN
            table inet cniplugin {
                chain forward_mark {
                    meta mark set meta mark & 0xffffefff
                    ip saddr @pods4 meta mark set meta mark | 0x00001000
                }
                chain forward_unmark {
                    meta mark set meta mark & 0xffffefff
                }
            }
            """);
        NodeProgram.Run(
            Node,
            "iptables -A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT; ip6tables -A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT");
        _ = Call("ADD", pod, keys);
        Assert.Equal(whole.Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
        using NftClient nft = NftClient.Open(Node);
        Assert.Equal(bit, FirewallRuleset.FindMark(nft));
    }

    private string[] ChainsAndRules() =>
        [
            .. NodeProgram.Run(Node, "nft --handle --stateless list ruleset")
                .Split('\n')
                .Where(static line => line.Contains("# handle", StringComparison.Ordinal)),
        ];
}
