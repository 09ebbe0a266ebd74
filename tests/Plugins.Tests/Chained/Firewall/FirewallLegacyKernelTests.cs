using System.Runtime.InteropServices;
using Cni;
using Datapath.Iptables;
using Linux.Addresses;
using Plugins.Chained.Firewall;
using TestKit;

namespace Plugins.Tests.Chained.Firewall;

/// <summary>The tables of iptables-legacy, looked at by Debian's iptables-legacy.</summary>
public sealed partial class FirewallLegacyKernelTests : FirewallKernelTest
{
    private const string Ask = "-A FORWARD -j CNI-ADMIN";
    private const string Rule = "-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT";

    private static readonly string[] s_programs = ["iptables-legacy", "ip6tables-legacy"];

    private void Legacy(string arguments)
    {
        (int exitCode, string output) = NodeProgram.TryRun(Node, string.Join('\n', s_programs.Select(program => $"{program} {arguments}")));
        Assert.SkipWhen(
            exitCode != 0 && output.Contains("do you need to insmod", StringComparison.Ordinal), "this kernel has no ip_tables");
        Assert.True(exitCode == 0, output);
    }

    private string[] List(string program, string what = "") =>
        NodeProgram.Run(Node, $"{program} -S {what}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Tables_that_are_not_there_are_not_made()
    {
        Assert.Empty(Call("ADD", NewPod(1, 5)));
        Assert.Empty(Node.Run(static () => LegacyXtables.Tables()));
    }

    [Fact]
    public void Pods_pass_a_legacy_table_that_drops_what_is_forwarded()
    {
        Legacy("-P FORWARD DROP");
        FirewallPod pod = NewPod(1, 5);
        Assert.False(NodeProgram.Pings(pod.Namespace, Outside4));
        Assert.Empty(Call("ADD", pod));
        foreach (string address in (string[])[Outside4, Outside6])
            Assert.True(NodeProgram.Pings(pod.Namespace, address), address);
        _ = Call("CHECK", pod);
        foreach (string program in s_programs)
            Assert.Equal(["-P INPUT ACCEPT", "-P FORWARD DROP", "-P OUTPUT ACCEPT", "-N CNI-ADMIN", Ask, Rule], List(program));
        Legacy("-A CNI-ADMIN -p icmp -j DROP");
        Assert.False(NodeProgram.Pings(pod.Namespace, Outside4));
    }

    [Fact]
    public void Rules_chains_jumps_and_numbers_of_operators_stay()
    {
        foreach (string line in (string[])
            [
                "-N LATER",
                "-N MINE",
                "-A INPUT -j MINE",
                "-A MINE -i none0 -g LATER",
                "-A MINE",
                "-A LATER -p tcp -m multiport --dports 1,2 -j RETURN",
                "-A LATER -m comment --comment kept",
                "-A FORWARD -i none0 -c 7 700 -j LATER",
                "-A FORWARD -j MINE",
                "-A OUTPUT -o lo -j ACCEPT",
                "-P INPUT DROP",
            ])
        {
            Legacy(line);
        }
        string[][] before = [.. s_programs.Select(program => List(program))];
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        for (int i = 0; i < s_programs.Length; i++)
        {
            Assert.Equal(
                before[i], List(s_programs[i]).Where(static line => !line.Contains("CNI-ADMIN", StringComparison.Ordinal) && line != Rule));
            Assert.Equal([Ask, Rule], List(s_programs[i], "FORWARD")[1..3]);
            Assert.Contains("-A FORWARD -i none0 -c 7 700 -j LATER", List(s_programs[i], "FORWARD -v"));
            NodeProgram.Run(Node, $"{s_programs[i]}-save | {s_programs[i]}-restore");
        }
        _ = Call("CHECK", pod);
        string[] whole = List("iptables-legacy");
        _ = Call("ADD", NewPod(1, 6));
        Assert.Equal(whole, List("iptables-legacy"));
    }

    [Fact]
    public void What_iptables_wrote_itself_is_recognised_and_what_lacks_is_added()
    {
        Legacy("-N CNI-ADMIN");
        Legacy("-A FORWARD -j CNI-ADMIN");
        Legacy("-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT");
        Legacy("-A FORWARD -i none0 -j DROP");
        FirewallPod pod = NewPod(1, 5);
        _ = Call("ADD", pod);
        string[] expected = ["-P FORWARD ACCEPT", Ask, Rule, "-A FORWARD -i none0 -j DROP"];
        Assert.Equal(expected, List("iptables-legacy", "FORWARD"));
        foreach (string damage in (string[])["-D FORWARD -j CNI-ADMIN", "-D FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT"])
        {
            Legacy(damage);
            TestCall.AssertFails(CniErrorCode.CheckFailed, ["iptables-legacy", "-A FORWARD"], () => Call("CHECK", pod));
            _ = Call("ADD", pod);
            foreach (string program in s_programs)
                Assert.Equal(expected, List(program, "FORWARD"));
        }
    }

    [Fact]
    public void Former_bits_rule_goes()
    {
        Legacy("-A FORWARD -i none0 -j DROP");
        _ = Call("ADD", NewPod(1, 5));
        _ = Call("ADD", NewPod(1, 6), "\"markForwardBit\": 20");
        foreach (string program in s_programs)
        {
            Assert.Equal(
                ["-P FORWARD ACCEPT", Ask, "-A FORWARD -m mark --mark 0x100000/0x100000 -j ACCEPT", "-A FORWARD -i none0 -j DROP"],
                List(program, "FORWARD"));
        }
    }

    [Fact]
    public void Adds_at_once_make_the_rules_once()
    {
        Legacy("-P FORWARD DROP");
        AddAtOnce(16);
        foreach (string program in s_programs)
            Assert.Equal(["-P FORWARD DROP", Ask, Rule], List(program, "FORWARD"));
    }

    [Fact]
    public void Table_that_cannot_be_changed_is_a_failure_that_names_it()
    {
        Legacy("-P FORWARD DROP");
        FirewallSettings settings = TestCall.Add("", FirewallSettings.Read);
        // A thread without capabilities stands for a kernel or a container that forbids it.
        CniException refused = Assert.Throws<CniException>(() => Node.Run(() =>
        {
            Assert.Equal(0, SetCapabilities([0x20080522, 0], new uint[6]));
            new LegacyForward(IpFamily.IPv4, settings.Mark, settings.AdminChain).Ensure(static () => null);
        }));
        Assert.Equal(CniErrorCode.KernelFailure, refused.Code);
        Assert.All((string[])["iptables-legacy", "EPERM", "iptables-legacy -I FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT"],
            word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
    }

    // linux/capability.h: struct __user_cap_header_struct, and two times struct __user_cap_data_struct; of the calling thread.
    [LibraryImport("libc", EntryPoint = "capset")]
    private static partial int SetCapabilities(ReadOnlySpan<uint> header, ReadOnlySpan<uint> data);
}
