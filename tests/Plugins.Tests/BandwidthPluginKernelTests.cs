using System.Text;
using Cni;
using Cni.Tests;
using Netlink.Route;
using Netlink.Tests;

namespace Plugins.Tests;

/// <summary>The plugin in the test's own process, on a veth pair that another plugin is said to have made.</summary>
public sealed class BandwidthPluginKernelTests : NodeKernelTest
{
    private const string Both = "\"ingressRate\": 1000000, \"ingressBurst\": 800000, \"egressRate\": 2000000, \"egressBurst\": 1600000";
    private const string HostName = "host0";

    private static readonly TokenBucket Slow = new() { Rate = 125_000, Limit = 103_125, Buffer = 12_500_000 };
    private static readonly TokenBucket Fast = new() { Rate = 250_000, Limit = 206_250, Buffer = 12_500_000 };

    private List<string> _warnings = [];

    public BandwidthPluginKernelTests()
    {
        _ = MakeVeth(HostName);
        NodeClient.SetLink(IndexOf(HostName), new LinkChange { Up = true, Mtu = 1400 });
    }

    private static string IfbName => Tag.IfbName;

    private int HostEnd => IndexOf(HostName);

    private Link? Ifb => NodeClient.FindLink(IfbName);

    private List<Filter> Filters => NodeClient.ListFilters(HostEnd, TcHandle.IngressFilters);

    private string PrevResult(string more = "") => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "{{HostName}}"}, {"name": "eth0", "sandbox": "{{PathOf(Pod)}}"}{{more}}],
          "ips": [{"address": "10.1.2.3/24", "interface": 1}]}
        """;

    private string PrevResultOfChain => PrevResult($$""", {"name": "{{IfbName}}"}""");

    private string Run(string command, string members, int expect = 0, string containerId = "c1", bool netns = true)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_CONTAINERID"] = containerId;
        host["CNI_NETNS"] = netns ? PathOf(Pod) : "";
        int status = Node.Run(() => CniProgram.Run(host, new BandwidthPlugin(), CniPlugin.ErrorTranslation.Translate));
        string output = string.Concat(host.Outputs);
        _warnings = host.Errors;
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    private string Add(string members = Both) => Run("ADD", $"{members}, {PrevResult()}");

    private void AddFails(int code, string members, params string[] words)
    {
        string answer = Run("ADD", members, expect: 1);
        Assert.Contains($"\"code\": {code}", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    private void CheckFails(params string[] words)
    {
        string answer = Run("CHECK", $"{Both}, {PrevResultOfChain}", expect: 1);
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    private void Check() => Assert.Empty(Run("CHECK", $"{Both}, {PrevResultOfChain}"));

    private static string Valid(string containerId, string ifName) =>
        $$"""  "cni.dev/valid-attachments": [{"containerID": "{{containerId}}", "ifname": "{{ifName}}"}] """;

    private Qdisc Root(int link) => NodeClient.FindQdisc(link, TcHandle.Root)!;

    private string? Entrance => NodeClient.FindQdisc(HostEnd, TcHandle.Ingress)?.Kind;

    private void Tc(string arguments) => TcProgram.Run(Node, arguments);

    private void AssertShaped()
    {
        Assert.Equal(Slow, Root(HostEnd).Bucket);
        Assert.Equal(Fast, Root(Ifb!.Index).Bucket);
        Assert.Equal(Ifb.Index, Assert.Single(Filters, filter => RedirectFilter.IsOurs(filter, [Ifb])).Actions[0].RedirectTarget);
    }

    private void AssertNothingIsLeft()
    {
        Assert.Null(Ifb);
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Null(Entrance);
    }

    [Fact]
    public void ADD_shapes_both_ways_and_adds_its_interface_to_the_result()
    {
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(Add()), "1.1.0");

        AssertShaped();
        Assert.Equal([HostName, "eth0", IfbName], result.Interfaces.Select(entry => entry.Name));
        Assert.Equal(Ifb!.Mac.ToString(), result.Interfaces[2].Mac);
        Assert.Null(result.Interfaces[2].Sandbox);
        Assert.Equal((1400, true, 0, "ifb"), (Ifb.Mtu, Ifb.IsUp, Ifb.TxQueueLength, Ifb.Kind));
        Assert.StartsWith($"{Tag.Text} ingress pods c1 eth0", Ifb.Alias, StringComparison.Ordinal);
        Assert.Equal("ingress", Entrance);
        Assert.Empty(_warnings);
        Check();
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("\"ingressRate\": 1000000, \"ingressBurst\": 800000")]
    [InlineData("\"egressRate\": 2000000, \"egressBurst\": 1600000")]
    public void One_way_leaves_the_other_alone(string members)
    {
        bool ingress = members.Contains("ingress", StringComparison.Ordinal);
        _ = Add(members);
        Assert.Equal(ingress ? Slow : null, Root(HostEnd).Bucket);
        Assert.Equal(ingress, Ifb is null);
        Assert.Equal(ingress ? null : "ingress", Entrance);
        Run("CHECK", $"{members}, {PrevResultOfChain}");
        Run("DEL", members);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"runtimeConfig\": {\"bandwidth\": {\"ingressRate\": 0, \"ingressBurst\": 0, \"egressRate\": 0, \"egressBurst\": 0}}, ")]
    public void With_nothing_to_do_the_prevResult_is_the_result(string members)
    {
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(Run("ADD", members + PrevResult())), "1.1.0");
        Assert.Equal([HostName, "eth0"], result.Interfaces.Select(entry => entry.Name));
        AssertNothingIsLeft();
        Run("CHECK", members + PrevResult());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void DEL_removes_everything_however_little_it_is_told(bool prevResult, bool rates)
    {
        _ = Add();
        string members = (rates, prevResult) switch
        {
            (true, true) => $"{Both}, {PrevResultOfChain}",
            (true, false) => Both,
            (false, true) => PrevResultOfChain,
            _ => "",
        };
        for (int round = 0; round < 3; round++)
        {
            Assert.Empty(Run("DEL", members));
            AssertNothingIsLeft();
        }
    }

    [Fact]
    public void DEL_without_a_namespace_finds_the_host_end_by_its_name()
    {
        NodeClient.SetLink(HostEnd, new LinkChange { Name = Tag.HostInterfaceName, Alias = Tag.Alias([]) });
        Run("ADD", $"{Both}, {PrevResult().Replace(HostName, Tag.HostInterfaceName, StringComparison.Ordinal)}");
        Assert.NotNull(Ifb);
        Run("DEL", "", netns: false);
        NodeClient.SetLink(IndexOf(Tag.HostInterfaceName), new LinkChange { Name = HostName });
        AssertNothingIsLeft();
    }

    [Fact]
    public void DEL_without_a_link_removes_the_interface()
    {
        _ = Add();
        Assert.True(NodeClient.TryDeleteLink(HostEnd));
        Run("DEL", Both);
        Assert.Null(Ifb);
        Run("DEL", "", netns: false);
    }

    [Fact]
    public void A_repeated_ADD_replaces_what_is_there()
    {
        _ = Add("\"ingressRate\": 8000, \"ingressBurst\": 800000, \"egressRate\": 8000, \"egressBurst\": 1600000");
        int first = Ifb!.Index;
        _ = Add();
        AssertShaped();
        Assert.NotEqual(first, Ifb!.Index);
        Assert.Single(Filters);
        _ = Add("\"egressRate\": 2000000, \"egressBurst\": 1600000");
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Single(Filters);
        Run("DEL", "");
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("link")]
    [InlineData("filter")]
    [InlineData("bucket")]
    [InlineData("entrance")]
    public void A_half_made_state_is_repaired_and_removed(string missing)
    {
        foreach (string verb in (string[])["ADD", "DEL"])
        {
            _ = Add();
            switch (missing)
            {
                case "link": Assert.True(NodeClient.TryDeleteLink(IfbName)); break;
                case "filter": NodeClient.Execute(new RouteBatch().DeleteFilter(Assert.Single(Filters))); break;
                case "bucket": Tc($"qdisc del dev {IfbName} root"); break;
                default: Tc($"qdisc del dev {HostName} ingress"); break;
            }
            if (verb == "ADD")
            {
                _ = Add();
                AssertShaped();
                Check();
                Run("DEL", "");
            }
            else
            {
                Run("DEL", "");
            }
            Assert.Null(Ifb);
            Assert.Empty(Filters);
            Assert.True(Root(HostEnd).IsDefault);
        }
    }

    [Theory]
    [InlineData("ingress", "")]
    [InlineData("clsact", "")]
    [InlineData("ingress", "prio 1 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    [InlineData("clsact", "prio 1 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    [InlineData("clsact", "prio 1 bpf da bytecode '1,6 0 0 4294967295'")]
    [InlineData("clsact", "prio 65535 bpf da bytecode '1,6 0 0 4294967295'")]
    [InlineData("clsact", "prio 65535 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue")]
    public void Other_programs_qdiscs_and_filters_stay(string entrance, string filter)
    {
        Tc($"qdisc add dev {HostName} {entrance}");
        if (filter.Length > 0)
            Tc($"filter add dev {HostName} parent ffff:fff2 protocol all {filter}");
        List<Filter> before = Filters;

        for (int round = 0; round < 2; round++)
        {
            _ = Add();
            AssertShaped();
            Check();
            Assert.Equal(before.Count + 1, Filters.Count);
            Assert.Equal(entrance, Entrance);
        }
        Run("DEL", "");

        Assert.Equal(before.Select(foreign => foreign.Handle), Filters.Select(foreign => foreign.Handle));
        Assert.Equal(entrance, Entrance);
        Assert.Null(Ifb);
        Assert.True(Root(HostEnd).IsDefault);
    }

    [Fact]
    public void An_ingress_qdisc_of_ours_in_which_another_program_has_a_filter_by_now_stays()
    {
        _ = Add();
        Tc($"filter add dev {HostName} ingress protocol all prio 9 bpf da bytecode '1,6 0 0 0'");
        Run("DEL", "");
        Assert.Equal("bpf", Assert.Single(Filters).Kind);
    }

    [Fact]
    public void CHECK_warns_of_what_may_end_the_chain()
    {
        Tc($"qdisc add dev {HostName} clsact");
        Tc($"filter add dev {HostName} ingress protocol ip prio 3 u32 match ip dst 192.0.2.1 action mirred egress mirror dev lo continue");
        Tc($"filter add dev {HostName} ingress protocol all prio 9 bpf da bytecode '1,6 0 0 0'");
        _ = Add();
        Check();
        string warning = Assert.Single(_warnings);
        Assert.All(["bpf", "priority 9", HostName, IfbName], word => Assert.Contains(word, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void CHECK_names_what_is_missing_or_different()
    {
        _ = Add();
        Tc($"qdisc change dev {HostName} root handle 1: tbf rate 3mbit burst 100000b limit 103125b");
        CheckFails($"tbf 1: of {HostName}", "ingressRate", "375000");
        Tc($"qdisc del dev {HostName} root");
        CheckFails(HostName, "no root qdisc tbf", "ingressRate");
        _ = Add();
        NodeClient.SetLink(Ifb!.Index, new LinkChange { Up = false });
        CheckFails(IfbName, "down");
        _ = Add();
        Tc($"qdisc del dev {IfbName} root");
        CheckFails(IfbName, "no root qdisc tbf", "egressRate");
        _ = Add();
        NodeClient.Execute(new RouteBatch().DeleteFilter(Assert.Single(Filters)));
        CheckFails(HostName, "no filter", IfbName);
        Tc($"qdisc del dev {HostName} ingress");
        CheckFails(HostName, "no qdisc ingress or clsact");
        Assert.True(NodeClient.TryDeleteLink(IfbName));
        CheckFails(IfbName, "does not exist");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        CheckFails("eth0", "does not exist");
    }

    [Fact]
    public void A_root_qdisc_of_another_program_is_refused_before_anything_is_changed()
    {
        Tc($"qdisc add dev {HostName} root handle 7: tbf rate 3mbit burst 100000b limit 103125b");
        AddFails(103, $"{Both}, {PrevResult()}", HostName, "tbf 7:", "ingressRate");
        Assert.Null(Ifb);
        Assert.Null(Entrance);
        Run("DEL", "");
        Assert.Equal(7, Root(HostEnd).Handle.Major);
        _ = Add("\"egressRate\": 2000000, \"egressBurst\": 1600000");
        Assert.Equal(7, Root(HostEnd).Handle.Major);
    }

    [Fact]
    public void An_interface_without_a_host_end_is_refused_before_anything_is_changed()
    {
        Assert.True(PodClient.TryDeleteLink("eth0"));
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "does not exist");
        PodClient.CreateLink(new IfbSpec { Name = "eth0" });
        AddFails(2, $"{Both}, {PrevResult()}", "eth0", "ifb", "no veth");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        PodClient.CreateLink(new VethSpec { Name = "eth0", Peer = new VethPeer { Name = "eth1" } });
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "network namespace, where alone");
        Assert.True(PodClient.TryDeleteLink("eth0"));
        _ = MakeVeth("stranger");
        AddFails(7, $"{Both}, {PrevResult()}", "eth0", "stranger", "prevResult.interfaces");
        Assert.Null(Ifb);
    }

    [Fact]
    public void A_failed_ADD_leaves_nothing()
    {
        // Taken by something that is not ours to delete.
        NodeClient.CreateLink(new VethSpec { Name = IfbName, Peer = new VethPeer { Name = "other" } });
        AddFails(103, $"{Both}, {PrevResult()}", IfbName);
        Assert.Equal("veth", Ifb!.Kind);
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Null(Entrance);
        Run("DEL", "");
        Assert.Equal("veth", Ifb.Kind);
    }

    [Fact]
    public void A_burst_below_a_packet_is_warned_of()
    {
        _ = Add("\"ingressRate\": 8, \"ingressBurst\": 8, \"egressRate\": 2000000, \"egressBurst\": 11312");
        string warning = Assert.Single(_warnings);
        Assert.All(["ingressBurst is 1 bytes", "1414", HostName], word => Assert.Contains(word, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void GC_removes_what_no_attachment_owns()
    {
        NodeClient.SetLink(HostEnd, new LinkChange { Name = Tag.HostInterfaceName, Alias = Tag.Alias([]) });
        Run("ADD", $"{Both}, {PrevResult().Replace(HostName, Tag.HostInterfaceName, StringComparison.Ordinal)}");
        NodeClient.CreateLink(new IfbSpec { Name = "foreign" });
        AttachmentTag other = new("others", "c1", "eth0");
        NodeClient.CreateLink(new IfbSpec { Name = other.IfbName });
        NodeClient.SetLink(IndexOf(other.IfbName), new LinkChange { Alias = other.Alias("ingress") });

        Run("GC", Valid("c1", "eth0"));
        Assert.NotNull(Ifb);
        Run("GC", Valid("c1", "net1"));

        NodeClient.SetLink(IndexOf(Tag.HostInterfaceName), new LinkChange { Name = HostName });
        AssertNothingIsLeft();
        Assert.NotNull(NodeClient.FindLink("foreign"));
        Assert.NotNull(NodeClient.FindLink(other.IfbName));
    }

    [Fact]
    public void The_references_interface_goes_with_DEL_and_as_an_orphan_with_GC()
    {
        // printf podsc1 | sha512sum | cut -c1-12; printf podsc2
        string mine = ReferenceIfb.NameOf("pods", "c1"), other = ReferenceIfb.NameOf("pods", "c2");
        Assert.Equal("bwp48c5963fc74e", mine);
        foreach (string name in (string[])[mine, other])
        {
            NodeClient.CreateLink(new IfbSpec { Name = name, Up = true });
            Tc($"qdisc add dev {name} root handle 1: tbf rate 2mbit burst 200000b limit 206250b");
        }
        Tc($"qdisc add dev {HostName} ingress");
        Tc($"filter add dev {HostName} parent ffff: protocol all prio 1 u32 match u32 0 0 flowid 1:1 action mirred egress redirect dev {mine}");
        Tc($"qdisc add dev {HostName} root handle 1: tbf rate 1mbit burst 100000b limit 103125b");
        Check();

        Run("GC", Valid("c2", "eth0"));
        Assert.NotNull(NodeClient.FindLink(other));
        Run("GC", "");
        Assert.Null(NodeClient.FindLink(other));
        Assert.NotNull(NodeClient.FindLink(mine));
        Run("DEL", "");
        Assert.Null(NodeClient.FindLink(mine));
        AssertNothingIsLeft();
    }
}
