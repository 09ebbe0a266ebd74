using Cni;
using Plugins.Chained.Portmap;
using Plugins.Migration;
using TestKit;

namespace Plugins.Tests.Migration;

public sealed class ReferencePortMappingsKernelTests : ReferenceStateKernelTest
{
    [Fact]
    public void DEL_leaves_iptables_as_it_was_before_the_ADD()
    {
        _ = Reference.Attach("c1");
        Reference.Publish("c1", 8080);
        _ = Reference.Attach("c2");
        string before = Reference.Rules("nat");
        Reference.Publish("c2", 8081);
        Assert.NotEqual(before, Reference.Rules("nat"));

        Del("c2", call => ReferencePortMappings.Of(call, []));

        Assert.Equal(before, Reference.Rules("nat"));
    }

    [Fact]
    public void Our_portmap_removes_them()
    {
        _ = Reference.Attach("c1");
        Reference.Publish("c1", 8080);
        _ = Reference.Attach("c2");
        string before = Reference.Rules("nat");
        Reference.Publish("c2", 8081);
        string withPort = Reference.Rules("nat");
        FakeHost gc = HostFor("GC", Valid(["c1", "c2"]), "", "");
        Call(gc, static call => new PortmapPlugin().Gc(call));
        Assert.Equal(withPort, Reference.Rules("nat"));

        FakeHost del = HostFor(
            "DEL", $"\"prevResult\": {Reference.ResultOf("c2").Replace("\"1.0.0\"", "\"1.1.0\"", StringComparison.Ordinal)}", "c2", "eth0");
        Call(del, static call => new PortmapPlugin().Del(call));

        Assert.Equal(before, Reference.Rules("nat"));
        Assert.Empty(gc.Errors.Concat(del.Errors));

        void Call(FakeHost host, Action<CniInvocation> verb) => _ = InCall(host, call =>
        {
            verb(call);
            return true;
        });
    }

    // Versions before 0.7 had a second chain in POSTROUTING's place.
    [Fact]
    public void DEL_removes_the_chain_of_old_versions()
    {
        _ = Reference.Shell(
            "iptables-nft -t nat -N CNI-HOSTPORT-SNAT && iptables-nft -t nat -A POSTROUTING -s 127.0.0.1 ! -d 127.0.0.1 -j "
            + "CNI-HOSTPORT-SNAT");
        string before = Reference.Shell("iptables-nft -t nat -S");
        string chain = ReferenceChainName.Of("CNI-SN-", "pods", "c1");
        _ = Reference.Shell(
            $"""
            iptables-nft -t nat -N {chain}
            iptables-nft -t nat -A {chain} -p tcp -s 127.0.0.1 -d 10.5.0.2 --dport 80 -j MASQUERADE
            iptables-nft -t nat -A CNI-HOSTPORT-SNAT -j {chain}
            """);

        Del("c1", call => ReferencePortMappings.Of(call, []));

        Assert.Equal(before, Reference.Shell("iptables-nft -t nat -S"));
    }

    [Fact]
    public void GC_spares_valid_containers_and_other_networks()
    {
        _ = Reference.Attach("c3", "other");
        Reference.Publish("c3", 8083, "other");
        _ = Reference.Attach("c1");
        Reference.Publish("c1", 8080);
        string kept = Reference.Rules("nat");
        _ = Reference.Attach("c2");
        Reference.Publish("c2", 8081);

        Gc(ReferencePortMappings.AllBut, "c1");
        Assert.Contains("c2", Reference.Rules("nat"), StringComparison.Ordinal);
        Gc(ReferenceMasquerade.AllBut, "c1");

        Assert.Equal(kept, Reference.Rules("nat"));
    }

    // iptables takes comments of 255 bytes at most, so the reference cuts the container ID.
    [Fact]
    public void GC_finds_a_mapping_whose_comment_is_cut()
    {
        string id = new('c', 300);
        string chain = ReferenceChainName.Of("CNI-DN-", "pods", id);
        string comment = $"dnat name: \\\"pods\\\" id: \\\"{id}"[..255];
        _ = Reference.Shell(
            $"iptables-nft -t nat -N CNI-HOSTPORT-DNAT && iptables-nft -t nat -N {chain} && iptables-nft -t nat -A CNI-HOSTPORT-DNAT -p "
            + $"tcp -m comment --comment \"{comment}\" -m multiport --dports 80 -j {chain}");

        Gc(ReferencePortMappings.AllBut, id);
        Assert.Contains(chain, Reference.Rules("nat"), StringComparison.Ordinal);
        Gc(ReferencePortMappings.AllBut, "c1");

        Assert.DoesNotContain(chain, Reference.Rules("nat"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "ip c2 10.5.0.3", "ip6 c2 fd05::3")]
    [InlineData(true, "ip c1 10.6.0.2", "ip c2 10.5.0.3", "ip6 c2 fd05::3")]
    public void DEL_removes_rules_of_the_nftables_backend(bool addressesAreKnown, params string[] left)
    {
        NftProgram.Load(Node, Table("ip", "127.0.0.1", ("c1", "10.5.0.2"), ("c1", "10.6.0.2"), ("c2", "10.5.0.3")));
        NftProgram.Load(Node, Table("ip6", "::1", ("c1", "fd05::2"), ("c2", "fd05::3")));

        Del(
            "c1",
            call =>
                ReferencePortMappings.Of(call, addressesAreKnown ? [TestCall.Prefix("10.5.0.2/24"), TestCall.Prefix("fd05::2/64")] : []));

        Assert.Equal(left.SelectMany(static rule => Enumerable.Repeat(rule, 4)), Rules());
    }

    // As plugins/meta/portmap/portmap_nftables.go writes it.
    private static string Table(string family, string local, params (string Id, string Address)[] pods) => $$"""
        table {{family}} cni_hostport {
            comment "CNI portmap plugin"
            chain hostports {
                {{Each(pods, pod => $"tcp dport 8080 dnat to {Bracket(pod.Address)}:80 comment \"{pod.Id}\"")}}
            }
            chain hostip_hostports {
                {{Each(pods, pod => $"{family} daddr {local} tcp dport 8081 dnat to {Bracket(pod.Address)}:80 comment \"{pod.Id}\"")}}
            }
            chain masquerading {
                type nat hook postrouting priority 100;
                {{Each(pods, pod => $"{family} saddr {pod.Address} {family} daddr {pod.Address} masquerade comment \"{pod.Id}\"")}}
                {{Each(pods, pod => $"{family} saddr {local} {family} daddr {pod.Address} masquerade comment \"{pod.Id}\"")}}
            }
            chain prerouting {
                type nat hook prerouting priority -100;
                jump hostip_hostports
                jump hostports
            }
        }
        """;

    private static string Each<T>(T[] pods, Func<T, string> rule) => string.Join('\n', pods.Select(rule));

    private static string Bracket(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    /// <summary>Family, container and address of every rule with a comment, sorted.</summary>
    private IEnumerable<string> Rules()
    {
        List<string> rules = [];
        string family = "";
        foreach (string line in NftProgram.Lines(NftProgram.List(Node)))
        {
            string[] words = line.Split(' ');
            if (words[0] == "table")
                family = words[1];
            else if (words is [.., "comment", var id] && words[0] != "comment")
                rules.Add($"{family} {id.Trim('"')} {words.First(IsOfPod).Split(":80")[0].Trim('[', ']')}");
        }
        return rules.Order(StringComparer.Ordinal);

        static bool IsOfPod(string word) =>
            word.Contains("10.", StringComparison.Ordinal) || word.Contains("fd05", StringComparison.Ordinal);
    }
}
