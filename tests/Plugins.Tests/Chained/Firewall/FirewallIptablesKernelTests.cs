using Netlink.Nftables;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

/// <summary>The two rules that stand in tables of iptables-nft, looked at by Debian's iptables.</summary>
public sealed class FirewallIptablesKernelTests : FirewallKernelTest
{
    private const string Ask = "-A FORWARD -j CNI-ADMIN";
    private const string Rule = "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT";

    private string[] Iptables(string arguments, string program = "iptables") =>
        NodeProgram.Run(Node, $"{program} {arguments}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("iptables")]
    [InlineData("ip6tables")]
    public void Chains_and_rules_are_to_the_bit_those_that_iptables_makes(string program)
    {
        NftTable filter = new(program == "iptables" ? NftFamily.Ip : NftFamily.Ip6, "filter");
        foreach (string made in (string[])["-N CNI-ADMIN", "-A FORWARD -j CNI-ADMIN", "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT"])
            _ = Iptables(made, program);
        NftChain chain = Nft.FindChain(filter, "FORWARD")!;
        NftChain admin = Nft.FindChain(filter, "CNI-ADMIN")!;
        List<NftRule> rules = Nft.ListRules(filter);
        Nft.Execute(new NftBatch().DeleteTable(filter));

        _ = Call("ADD", NewPod(1, 5));
        Assert.Equal(chain.Base! with { Devices = [] }, Nft.FindChain(filter, "FORWARD")!.Base! with { Devices = [] });
        Assert.Equal(admin with { Handle = 0 }, Nft.FindChain(filter, "CNI-ADMIN")! with { Handle = 0 });
        Assert.Equal(["FORWARD", "CNI-ADMIN"], Nft.ListChains(filter).Select(static made => made.Name));
        Assert.Equal(rules.Select(static rule => rule.Expressions), Nft.ListRules(filter).Select(static rule => rule.Expressions));
        Assert.Equal(rules.Select(static rule => rule.Comment), Nft.ListRules(filter).Select(static rule => rule.Comment));
    }

    [Fact]
    public void Policy_and_rules_of_a_chain_that_is_there_stay()
    {
        _ = Iptables("-P FORWARD DROP");
        _ = Iptables("-A FORWARD -i docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        _ = Call("ADD", NewPod(1, 5));
        Assert.Equal(
            [
                "-P INPUT ACCEPT",
                "-P FORWARD DROP",
                "-P OUTPUT ACCEPT",
                "-N CNI-ADMIN",
                Ask,
                Rule,
                "-A FORWARD -i docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            ],
            Iptables("-S"));
    }

    [Fact]
    public void Docker_that_comes_later_finds_the_rule()
    {
        _ = Call("ADD", NewPod(1, 5));
        _ = Iptables("-P FORWARD DROP");
        _ = Iptables("-N DOCKER-USER");
        _ = Iptables("-A DOCKER-USER -j RETURN");
        _ = Iptables("-I FORWARD -j DOCKER-USER");
        Assert.Equal(["-P FORWARD DROP", "-A FORWARD -j DOCKER-USER", Ask, Rule], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Iptables_works_on_with_its_table()
    {
        _ = Call("ADD", NewPod(1, 5));
        _ = Iptables("-C FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT");
        _ = Iptables("-A FORWARD -s 192.0.2.7 -j DROP");
        _ = Iptables("-A INPUT -p tcp --dport 22 -j ACCEPT");
        string[] before = Iptables("-S");
        Assert.Contains(Rule, before);
        Assert.DoesNotContain(NodeProgram.Run(Node, "iptables -L -v -n"), "incompatible", StringComparison.Ordinal);
        NodeProgram.Run(Node, "iptables-save >/dev/null; iptables-save | iptables-restore; ip6tables-save | ip6tables-restore");
        Assert.Equal(before, Iptables("-S"));
        _ = Iptables("-D FORWARD -s 192.0.2.7 -j DROP");
        Assert.Equal(before.Where(static line => !line.Contains("192.0.2.7", StringComparison.Ordinal)), Iptables("-S"));
    }

    [Fact]
    public void Restored_rule_is_recognised_and_not_made_twice()
    {
        _ = Call("ADD", NewPod(1, 5));
        NodeProgram.Run(Node, "iptables-save | iptables-restore");
        FirewallPod next = NewPod(1, 6);
        _ = Call("ADD", next);
        _ = Call("CHECK", next);
        Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Flushed_rule_is_back_with_the_next_ADD()
    {
        _ = Call("ADD", NewPod(1, 5));
        NodeProgram.Run(Node, "iptables -F; ip6tables -F");
        Assert.Equal(["-P FORWARD ACCEPT"], Iptables("-S FORWARD"));
        _ = Call("ADD", NewPod(1, 6));
        Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule], Iptables("-S FORWARD"));
        Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule], Iptables("-S FORWARD", "ip6tables"));
    }

    [Fact]
    public void What_an_operator_puts_in_front_stays_in_front()
    {
        _ = Call("ADD", NewPod(1, 5));
        _ = Iptables("-I FORWARD -s 10.1.0.5 -j DROP");
        _ = Call("ADD", NewPod(1, 6));
        Assert.Equal(["-P FORWARD ACCEPT", "-A FORWARD -s 10.1.0.5/32 -j DROP", Ask, Rule], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Chain_of_that_name_that_forwards_nothing_is_left_alone()
    {
        NodeProgram.Run(Node, "nft 'add table ip filter; add chain ip filter FORWARD { type filter hook input priority 0; }'");
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        _ = Call("CHECK", pod);
        Assert.Empty(Nft.ListRules(new NftTable(NftFamily.Ip, "filter")));
    }

    [Theory]
    [InlineData("CNI-ADMIN", "")]
    [InlineData("OPERATOR", "\"iptablesAdminChainName\": \"OPERATOR\"")]
    public void Operators_rules_are_asked_first_and_stay(string chain, string keys)
    {
        NodeProgram.Run(Node, $"for program in iptables ip6tables; do $program -N {chain}; $program -A {chain} -p udp -j DROP; done");
        FirewallPod pod = NewPod(1, 5);
        foreach (string verb in (string[])["ADD", "CHECK", "DEL", "ADD", "CHECK"])
            _ = Call(verb, pod, keys);
        foreach (string program in (string[])["iptables", "ip6tables"])
        {
            Assert.Equal(["-P FORWARD ACCEPT", $"-A FORWARD -j {chain}", Rule], Iptables("-S FORWARD", program));
            Assert.Equal([$"-N {chain}", $"-A {chain} -p udp -j DROP"], Iptables($"-S {chain}", program));
        }
    }

    [Fact]
    public void Each_networks_operators_are_asked()
    {
        _ = Call("ADD", NewPod(1, 5));
        _ = Call("ADD", NewPod(1, 6), "\"iptablesAdminChainName\": \"OTHER\"");
        _ = Call("ADD", NewPod(1, 7));
        Assert.Equal(["-P FORWARD ACCEPT", Ask, "-A FORWARD -j OTHER", Rule], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Rules_are_put_back_in_their_order()
    {
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        foreach (string damage in (string[])["-D FORWARD -j CNI-ADMIN", "-D FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT"])
        {
            _ = Iptables(damage);
            TestCall.AssertFails(Cni.CniErrorCode.CheckFailed, ["-A FORWARD", "iptables"], () => Call("CHECK", pod));
            _ = Call("ADD", pod);
            Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule], Iptables("-S FORWARD"));
        }
        // Behind the rule it is asked in vain.
        NodeProgram.Run(Node, "iptables -D FORWARD -j CNI-ADMIN; iptables -A FORWARD -j CNI-ADMIN");
        TestCall.AssertFails(Cni.CniErrorCode.CheckFailed, ["-j CNI-ADMIN"], () => Call("CHECK", pod));
        _ = Call("ADD", pod);
        Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule, Ask], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Chain_that_a_hook_calls_cannot_be_the_operators()
    {
        NodeProgram.Run(Node, "nft 'add table ip filter; add chain ip filter CNI-ADMIN { type filter hook input priority 0; }'");
        TestCall.AssertFails(
            Cni.CniErrorCode.InvalidNetworkConfig, ["iptablesAdminChainName", "CNI-ADMIN"], () => Call("ADD", NewPod(1, 5)));
    }

    [Fact]
    public void DEL_removes_what_the_reference_let_pass()
    {
        NodeProgram.Run(Node, """
            iptables -N CNI-FORWARD
            iptables -I FORWARD -m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD
            for pod in 10.1.0.5 10.1.0.6; do
              iptables -A CNI-FORWARD -d $pod/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
              iptables -A CNI-FORWARD -s $pod/32 -j ACCEPT
            done
            """);
        FirewallPod pod = NewPod(1, 5);
        for (int round = 0; round < 2; round++)
            _ = Call("DEL", pod);
        Assert.Equal(
            [
                "-N CNI-FORWARD",
                "-A CNI-FORWARD -d 10.1.0.6/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-A CNI-FORWARD -s 10.1.0.6/32 -j ACCEPT",
            ],
            Iptables("-S CNI-FORWARD"));
    }

    [Fact]
    public void Adds_at_once_make_the_rule_once()
    {
        AddAtOnce(16);
        Assert.Equal(["-P FORWARD ACCEPT", Ask, Rule], Iptables("-S FORWARD"));
    }
}
