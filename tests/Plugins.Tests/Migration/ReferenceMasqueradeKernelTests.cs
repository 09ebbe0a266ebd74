using Linux;
using Linux.Addresses;
using Plugins.Migration;
using TestKit;

namespace Plugins.Tests.Migration;

public sealed class ReferenceMasqueradeKernelTests : ReferenceStateKernelTest
{
    // SHA-512 of "pods", "other", and of "eth0:c1", "eth1:c1", "eth0:c2".
    private static readonly string s_pods = Sha512.HexPrefix(16, "pods");
    private static readonly string s_other = Sha512.HexPrefix(16, "other");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DEL_leaves_iptables_as_it_was_before_the_ADD(bool addressesAreKnown)
    {
        _ = Reference.Attach("c1");
        string before = Reference.Rules("nat");
        IpPrefix[] addresses = Reference.Attach("c2");
        Assert.NotEqual(before, Reference.Rules("nat"));

        Del("c2", call => ReferenceMasquerade.Of(call, addressesAreKnown ? addresses : []));

        Assert.Equal(before, Reference.Rules("nat"));
    }

    [Fact]
    public void Chain_goes_with_the_last_interface_of_a_container()
    {
        _ = Reference.Attach("c2");
        string before = Reference.Rules("nat");
        IpPrefix[] first = Reference.Attach("c1", pod: Pod);
        string one = Reference.Rules("nat");
        IpPrefix[] second = Reference.Attach("c1", ifName: "eth1", pod: Pod);

        Del("c1", call => ReferenceMasquerade.Of(call, second), "eth1");
        Assert.Equal(one, Reference.Rules("nat"));
        Del("c1", call => ReferenceMasquerade.Of(call, second), "eth1");
        Assert.Equal(one, Reference.Rules("nat"));

        Del("c1", call => ReferenceMasquerade.Of(call, first));
        Assert.Equal(before, Reference.Rules("nat"));
    }

    [Fact]
    public void Chain_goes_that_a_killed_DEL_left_without_a_jump()
    {
        _ = Reference.Attach("c2");
        string before = Reference.Rules("nat");
        _ = Reference.Attach("c1");
        _ = Reference.Shell("iptables-nft -t nat -D POSTROUTING 2 && ip6tables-nft -t nat -D POSTROUTING 2");

        Del("c1", call => ReferenceMasquerade.Of(call, []));

        Assert.Equal(before, Reference.Rules("nat"));
    }

    [Fact]
    public void Chain_to_which_somebody_else_jumps_is_only_emptied()
    {
        _ = Reference.Attach("c1");
        string chain = ReferenceChainName.Of("CNI-", "pods", "c1");
        _ = Reference.Shell($"iptables-nft -t nat -N mine && iptables-nft -t nat -A mine -j {chain}");

        Del("c1", call => ReferenceMasquerade.Of(call, []));

        string[] left = [.. Reference.Rules("nat").Split('\n').Where(line => line.Contains("CNI-", StringComparison.Ordinal)).Distinct()];
        Assert.Equal([$"-N {chain}", $"-A mine -j {chain}"], left);
    }

    [Fact]
    public void GC_spares_valid_containers_and_other_networks()
    {
        _ = Reference.Attach("c1");
        _ = Reference.Attach("c3", "other");
        string kept = Reference.Rules("nat");
        _ = Reference.Attach("c2");
        _ = Reference.Shell("iptables-nft -t nat -A POSTROUTING -m comment --comment 'name: \"pods\" id: \"c9\"' -j RETURN");

        Gc(ReferenceMasquerade.AllBut, "c1");

        string rule = Assert.Single(Reference.Rules("nat").Split('\n').Except(kept.Split('\n')));
        Assert.EndsWith("-j RETURN", rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_changes_where_the_reference_never_ran()
    {
        _ = Reference.Shell("iptables-nft -t nat -A POSTROUTING -s 10.5.0.9 -m comment --comment web -j MASQUERADE");
        string before = NftProgram.Run(Node, "", "-a", "list", "ruleset");

        Del("c1", call => ReferenceMasquerade.Of(call, []));
        Gc(ReferenceMasquerade.AllBut);

        Assert.Equal(before, NftProgram.Run(Node, "", "-a", "list", "ruleset"));
    }

    [Fact]
    public void DEL_removes_rules_of_the_nftables_backend()
    {
        LoadChecks();
        Del("c1", call => ReferenceMasquerade.Of(call, []));
        Assert.Equal(["eth1:c1", "eth0:c2", "other eth0:c1"], Checks());
    }

    [Fact]
    public void GC_removes_rules_of_the_nftables_backend()
    {
        LoadChecks();
        Gc(ReferenceMasquerade.AllBut, "c2");
        Assert.Equal(["eth0:c2", "other eth0:c1"], Checks());
        Gc(ReferenceMasquerade.AllBut);
        Assert.Equal(["other eth0:c1"], Checks());
    }

    // As pkg/ip/ipmasq_nftables_linux.go writes it.
    private void LoadChecks() => NftProgram.Load(Node, $$"""
        table inet cni_plugins_masquerade {
            comment "Masquerading for plugins from github.com/containernetworking/plugins"
            chain masq_checks {
                comment "Masquerade traffic from certain IPs to any (non-multicast) IP outside their subnet"
                ip saddr == 10.5.0.2 ip daddr != 10.5.0.0/24 masquerade \
                    comment "{{Comment(s_pods, "eth0:c1")}}, net: pods, if: eth0, id: c1"
                ip6 saddr == fd05::2 ip6 daddr != fd05::/64 masquerade \
                    comment "{{Comment(s_pods, "eth0:c1")}}, net: pods, if: eth0, id: c1"
                ip saddr == 10.5.0.3 ip daddr != 10.5.0.0/24 masquerade \
                    comment "{{Comment(s_pods, "eth1:c1")}}, net: pods, if: eth1, id: c1"
                ip saddr == 10.5.0.4 ip daddr != 10.5.0.0/24 masquerade \
                    comment "{{Comment(s_pods, "eth0:c2")}}, net: pods, if: eth0, id: c2"
                ip saddr == 10.6.0.2 ip daddr != 10.6.0.0/24 masquerade \
                    comment "{{Comment(s_other, "eth0:c1")}}, net: other, if: eth0, id: c1"
            }
            chain postrouting {
                type nat hook postrouting priority 100;
                ip daddr == 224.0.0.0/4 return
                ip6 daddr == ff00::/8 return
                goto masq_checks
            }
        }
        """);

    private string[] Checks() =>
    [
        .. from line in NftProgram.Lines(NftProgram.List(Node))
           where line.Contains(" masquerade comment ", StringComparison.Ordinal)
           let words = line.Split(", ")
           select $"{(words[1] == "net: pods" ? "" : words[1][5..] + " ")}{words[2][4..]}:{words[3][4..^1]}",
    ];

    private static string Comment(string network, string attachment) => $"{network}-{Sha512.HexPrefix(16, attachment)}";
}
