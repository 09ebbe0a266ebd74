using Netlink.Nftables;

namespace Plugins.Tests;

/// <summary>The one rule that stands in tables of iptables-nft, looked at by Debian's iptables.</summary>
public sealed class FirewallIptablesKernelTests : FirewallKernelTest
{
    private const string Rule = "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT";

    private string[] Iptables(string arguments, string program = "iptables") =>
        NodeProgram.Run(Node, $"{program} {arguments}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("iptables")]
    [InlineData("ip6tables")]
    public void Chain_and_rule_are_to_the_bit_those_that_iptables_makes(string program)
    {
        NftTable filter = new(program == "iptables" ? NftFamily.Ip : NftFamily.Ip6, "filter");
        _ = Iptables("-I FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT", program);
        NftChain chain = Nft.FindChain(filter, "FORWARD")!;
        NftRule rule = Assert.Single(Nft.ListRules(filter));
        Nft.Execute(new NftBatch().DeleteTable(filter));

        _ = Call("ADD", NewPod(1, 5));
        Assert.Equal(chain.Base! with { Devices = [] }, Nft.FindChain(filter, "FORWARD")!.Base! with { Devices = [] });
        Assert.Equal(["FORWARD"], Nft.ListChains(filter).Select(static made => made.Name));
        NftRule ours = Assert.Single(Nft.ListRules(filter));
        Assert.Equal(rule.Expressions, ours.Expressions);
        Assert.Equal(rule.Comment, ours.Comment);
    }

    [Fact]
    public void Policy_and_rules_of_a_chain_that_is_there_stay()
    {
        _ = Iptables("-P FORWARD DROP");
        _ = Iptables("-A FORWARD -i docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        _ = Call("ADD", NewPod(1, 5));
        Assert.Equal(
            ["-P INPUT ACCEPT", "-P FORWARD DROP", "-P OUTPUT ACCEPT", Rule, "-A FORWARD -i docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
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
        Assert.Equal(["-P FORWARD DROP", "-A FORWARD -j DOCKER-USER", Rule], Iptables("-S FORWARD"));
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
        Assert.Equal(["-P FORWARD ACCEPT", Rule], Iptables("-S FORWARD"));
    }

    [Fact]
    public void Flushed_rule_is_back_with_the_next_ADD()
    {
        _ = Call("ADD", NewPod(1, 5));
        NodeProgram.Run(Node, "iptables -F; ip6tables -F");
        Assert.Equal(["-P FORWARD ACCEPT"], Iptables("-S FORWARD"));
        _ = Call("ADD", NewPod(1, 6));
        Assert.Equal(["-P FORWARD ACCEPT", Rule], Iptables("-S FORWARD"));
        Assert.Equal(["-P FORWARD ACCEPT", Rule], Iptables("-S FORWARD", "ip6tables"));
    }

    [Fact]
    public void What_an_operator_puts_in_front_stays_in_front()
    {
        _ = Call("ADD", NewPod(1, 5));
        _ = Iptables("-I FORWARD -s 10.1.0.5 -j DROP");
        _ = Call("ADD", NewPod(1, 6));
        Assert.Equal(["-P FORWARD ACCEPT", "-A FORWARD -s 10.1.0.5/32 -j DROP", Rule], Iptables("-S FORWARD"));
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

    [Fact]
    public void Legacy_tables_are_told_of_in_a_warning()
    {
        Assert.Empty(Call("ADD", NewPod(1, 5)));
        (int exitCode, _) = NodeProgram.TryRun(Node, "iptables-legacy -S");
        Assert.SkipWhen(exitCode != 0, "this kernel has no ip_tables");
        string warning = Assert.Single(Call("ADD", NewPod(1, 6)));
        Assert.Contains("iptables-legacy (filter)", warning, StringComparison.Ordinal);
        Assert.Contains("--mark 0x1000/0x1000 -j ACCEPT", warning, StringComparison.Ordinal);
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
            ["-N CNI-FORWARD", "-A CNI-FORWARD -d 10.1.0.6/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-A CNI-FORWARD -s 10.1.0.6/32 -j ACCEPT"],
            Iptables("-S CNI-FORWARD"));
    }

    [Fact]
    public void Adds_at_once_make_the_rule_once()
    {
        FirewallPod pod = NewPod(1, 2);
        Exception?[] failures = new Exception?[16];
        Thread[] callers = [.. failures.Select((_, i) => new Thread(() => failures[i] = Record.Exception(
            () => Call("ADD", pod with { ContainerId = $"x{i}", Address4 = $"10.1.1.{i}", Address6 = $"fd00:1::1:{i}" }))))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.All(failures, Assert.Null);
        Assert.Equal(["-P FORWARD ACCEPT", Rule], Iptables("-S FORWARD"));
    }
}
