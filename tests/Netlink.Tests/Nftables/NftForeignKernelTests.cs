using System.Diagnostics;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using TestKit;

namespace Netlink.Tests.Nftables;

/// <summary>A host on which others have their tables, too.</summary>
public sealed class NftForeignKernelTests : NftKernelTest
{
    private const string Others = """
        table inet others {
            counter hits { packets 1 bytes 2 }
            quota ceiling { over 25 mbytes }
            set seen { type ipv4_addr; flags dynamic,timeout; timeout 1m; }
            set ranges { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 } }
            map names { type ifname : mark; elements = { "eth0" comment "e" : 0x1, * : 0x2 } }
            chain in {
                type filter hook input priority 10; policy accept;
                log prefix "in " level info
                counter name hits
                quota name ceiling drop
                tcp flags & (syn | ack) == syn tcp option maxseg size set 1400
                add @seen { ip saddr timeout 30s }
                ip dscp set cs1
                numgen random mod 2 vmap { 0 : accept, 1 : drop }
                meta l4proto { tcp, udp } th dport { 53, 80-90 } accept
                ip saddr . tcp dport @ranges notrack
                ip saddr != 10.0.0.1-10.0.0.9 meta mark set jhash ip saddr mod 16 seed 0x1
                meta mark set iifname map @names
                ct state vmap { established : accept, invalid : drop }
                socket transparent 1 accept
                rt classid 1 drop
                meta mark set meta mark << 2
            }
        }
        """;

    private static readonly string[] Iptables =
    [
        "-P FORWARD DROP",
        "-N DOCKER",
        "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A FORWARD -o docker0 -j DOCKER",
        "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -m comment --comment \"web\" -j ACCEPT",
        "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
        "-t nat -A OUTPUT ! -d 127.0.0.0/8 -p tcp -m addrtype --dst-type LOCAL -j DNAT --to-destination 172.17.0.2:80",
        "-t mangle -A PREROUTING -m limit --limit 5/min -j MARK --set-xmark 0x1/0x1",
    ];

    [Fact]
    public void Everything_is_read_and_nothing_is_touched()
    {
        NftProgram.Load(Namespace, Others);
        foreach (string rule in Iptables)
            RunShell($"iptables-nft {rule}");
        string before = NftProgram.List(Namespace);
        string saved = RunShell("iptables-nft-save | grep -v '^#'");

        List<NftRule> rules = [];
        foreach (NftTable table in Nft.ListTables())
        {
            Assert.NotEmpty(Nft.ListChains(table));
            rules.AddRange(Nft.ListRules(table));
            foreach (NftSet set in Nft.ListSets(table))
                _ = Nft.ListElements(set);
        }
        Assert.Equal(
            ["inet others", "ip filter", "ip mangle", "ip nat"], Nft.ListTables().Select(static table => table.ToString()).Order());
        HashSet<string> names = [.. rules.SelectMany(static rule => rule.Expressions).OfType<UnknownExpression>().Select(
            static unknown => unknown.Name)];
        Assert.Contains("web", rules.SelectMany(static rule => rule.Expressions).OfType<Match>().Select(static match => match.Comment));
        Assert.Superset(new HashSet<string> { "target", "log", "objref", "dynset", "numgen", "hash", "range" }, names);
        NftSet seen = Nft.FindSet(new NftTable(NftFamily.Inet, "others"), "seen")!;
        Assert.Equal(NftSetFlags.Timeout | NftSetFlags.Dynamic, seen.Flags);

        NftTable ours = new(NftFamily.Inet, "ours");
        Nft.Execute(new NftBatch().AddTable(ours));
        Nft.Execute(new NftBatch().DeleteTable(ours));
        Assert.Equal(before, NftProgram.List(Namespace));
        Assert.Equal(saved, RunShell("iptables-nft-save | grep -v '^#'"));
    }

    [Fact]
    public void One_rule_that_iptables_understands_goes_into_its_chain_and_out_again()
    {
        RunShell("iptables-nft -P FORWARD DROP");
        string before = RunShell("iptables-nft -S");
        NftChain forward = Nft.FindChain(new NftTable(NftFamily.Ip, "filter"), "FORWARD")!;
        NftRule rule = new(forward, [.. PacketMatch.Mark(0x1000, 0x1000), new Counter(), new Immediate(NftVerdict.Accept)]);
        Nft.Execute(new NftBatch().InsertRule(rule));
        Assert.Contains("-A FORWARD -m mark --mark 0x1000/0x1000 -j ACCEPT", RunShell("iptables-nft -S"), StringComparison.Ordinal);
        NftRule ours = Assert.Single(Nft.ListRules(forward), rule.HasSameExpressionsAs);
        Nft.Execute(new NftBatch().DeleteRule(ours));
        Assert.Equal(before, RunShell("iptables-nft -S"));
    }

    private string RunShell(string command) => Namespace.Run(() =>
    {
        using Process shell =
            Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        string errors = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, $"{command}: {errors}");
        return output;
    });
}
