using System.Text.Json;
using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Route.Links;
using Plugins.Chained.Tuning;
using TestKit;

namespace Plugins.Tests.Chained.Tuning;

public sealed class TuningPluginKernelTests : NodeKernelTest
{
    private const string Everything = """
        "sysctl": {"net.ipv4.conf.IFNAME.arp_filter": "1", "net.ipv4.ip_local_port_range": "20000 30000"},
        "mac": "02:00:00:00:00:01", "promisc": true, "mtu": 1400, "allmulti": true, "txQLen": 20
        """;

    private readonly string _dataDir = Directory.CreateTempSubdirectory("tuning-").FullName;

    public TuningPluginKernelTests() => _ = MakeVeth();

    public override void Dispose()
    {
        Directory.Delete(_dataDir, recursive: true);
        base.Dispose();
    }

    private Link PodEnd => PodClient.FindLink("eth0")!;

    private Link HostEnd => NodeClient.FindLink("host0")!;

    private string[] Records =>
        [.. Directory.EnumerateFiles(_dataDir, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))];

    private string RecordPath => Path.Combine(_dataDir, Sha512.HexPrefix(16, "c1"), $"{Tag.Text}.json");

    private string PrevResult => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "host0"}, {"name": "eth0", "mac": "{{PodEnd.Mac}}",
        "sandbox": "{{PathOf(Pod)}}"}], "x": 1}
        """;

    private FakeHost Call(string command, string members, int expect = 0, string? netns = null, string network = "pods")
    {
        FakeHost host = TestCall.HostFor(command, $"\"dataDir\": \"{_dataDir}\"{(members.Length > 0 ? ", " : "")}{members}");
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        host.Input = host.Input.Replace("\"name\": \"pods\"", $"\"name\": \"{network}\"", StringComparison.Ordinal);
        int status = Node.Run(() => CniProgram.Run(host, new TuningPlugin()));
        Assert.True(status == expect, $"{command}: {string.Concat(host.Outputs)}");
        return host;
    }

    private FakeHost Add(string members, int expect = 0) => Call("ADD", $"{members}{(members.Length > 0 ? ", " : "")}{PrevResult}", expect);

    private FakeHost Check(string members, int expect = 0) =>
        Call("CHECK", $"{members}{(members.Length > 0 ? ", " : "")}{PrevResult}", expect);

    private string? InPod(string path) => Pod.Run(() => Sysctl.TryRead(path));

    private string State() =>
        $"{PodEnd.Mac} {PodEnd.Mtu} {PodEnd.TxQueueLength} {PodEnd.Flags & (LinkFlags.Promiscuous | LinkFlags.AllMulticast)} {HostEnd.Mtu} "
        + $"{InPod("net/ipv4/conf/eth0/arp_filter")} {InPod("net/ipv4/ip_local_port_range")}";

    [Fact]
    public void ADD_changes_all_and_DEL_restores_it()
    {
        string before = State();
        using JsonDocument answer = JsonDocument.Parse(Add(Everything).Output);
        Assert.Equal($"02:00:00:00:00:01 1400 20 Promiscuous, AllMulticast 1400 1 20000\t30000", State());
        JsonElement entry = answer.RootElement.GetProperty("interfaces")[1];
        Assert.Equal(("02:00:00:00:00:01", 1400), (entry.GetProperty("mac").GetString(), entry.GetProperty("mtu").GetInt32()));
        Assert.Equal(1, answer.RootElement.GetProperty("x").GetInt32());
        Assert.Equal([$"{Tag.Text}.json"], Records);
        _ = Check(Everything);

        _ = Call("DEL", "");
        Assert.Equal(before, State());
        Assert.Empty(Records);
        _ = Call("DEL", "");
    }

    /// <summary>Networks of one pod that set the same setting; in the order in which they go.</summary>
    [Theory]
    [InlineData("500 500", "0 1")]
    [InlineData("500 500", "1 0")]
    [InlineData("500 600", "0 1")]
    [InlineData("500 600", "1 0")]
    [InlineData("500 500 500", "0 2 1")]
    [InlineData("500 500 500", "1 0 2")]
    [InlineData("500 600 500", "2 0 1")]
    [InlineData("500 600 500", "1 2 0")]
    [InlineData("500 600 700", "0 1 2")]
    public void A_setting_of_several_networks_is_restored_when_the_last_one_goes(string values, string order)
    {
        string[] wanted = values.Split(' ');
        string before = InPod("net/core/somaxconn")!;
        string Members(int network) => $"\"sysctl\": {{\"net.core.somaxconn\": \"{wanted[network]}\"}}";
        for (int i = 0; i < wanted.Length; i++)
            _ = Call("ADD", $"{Members(i)}, {PrevResult}", network: $"net{i}");
        List<int> left = [.. Enumerable.Range(0, wanted.Length)];
        foreach (int gone in order.Split(' ').Select(int.Parse))
        {
            _ = Call("DEL", "", network: $"net{gone}");
            // A DEL may come again.
            _ = Call("DEL", "", network: $"net{gone}");
            _ = left.Remove(gone);
            Assert.Equal(left.Count > 0 ? wanted[left[^1]] : before, InPod("net/core/somaxconn"));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_dataDir));
    }

    [Fact]
    public void Records_are_for_root_alone_whatever_the_umask()
    {
        _ = Add(Everything);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RecordPath));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(RecordPath)!));
    }

    [Fact]
    public void An_MTU_that_would_end_IPv6_is_refused()
    {
        _ = NodeProgram.Run(Pod, "ip link set eth0 up && ip addr add fd00::5/64 dev eth0 nodad");
        string previous = PrevResult.Replace(
            "\"x\": 1", "\"ips\": [{\"address\": \"fd00::5/64\", \"interface\": 1}]", StringComparison.Ordinal);
        string answer = Call("ADD", $"\"mtu\": 1200, {previous}", expect: 1).Output;
        Assert.All(["mtu is 1200", "fd00::5/64", "1280"], word => Assert.Contains(word, answer, StringComparison.Ordinal));
        Assert.Contains(PodClient.ListAddresses(PodEnd.Index), static address => address.Address.ToString() == "fd00::5/64");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"promisc\": false, \"mtu\": 0")]
    public void With_nothing_to_do_nothing_is_done(string members)
    {
        string before = State();
        using JsonDocument answer = JsonDocument.Parse(Add(members).Output);
        Assert.Equal(PodEnd.Mac.ToString(), answer.RootElement.GetProperty("interfaces")[1].GetProperty("mac").GetString());
        Assert.Equal(before, State());
        Assert.Empty(Records);
        _ = Check(members);
    }

    [Theory]
    [InlineData("\"sysctl\": {\"net.ipv4.absent\": \"1\"}", 7, "net.ipv4.absent")]
    [InlineData("\"sysctl\": {\"net.ipv4.conf\": \"1\"}", 7, "net.ipv4.conf")]
    [InlineData("\"sysctl\": {\"net.ipv4.conf.IFNAME.arp_filter\": \"nonsense\"}", 101, "arp_filter=nonsense")]
    public void Failed_ADD_changes_nothing(string members, int code, string word)
    {
        string before = State();
        string answer = Add($"{members}, \"mtu\": 1400, \"mac\": \"02:00:00:00:00:01\", \"promisc\": true", expect: 1).Output;
        Assert.Contains($"\"code\": {code}", answer, StringComparison.Ordinal);
        Assert.Contains(word, answer, StringComparison.Ordinal);
        Assert.Equal(before, State());
        Assert.Empty(Records);
    }

    [Fact]
    public void ADD_that_fails_behind_another_keeps_what_that_one_found()
    {
        _ = Add("\"mtu\": 1400");
        string text = File.ReadAllText(RecordPath);
        _ = Add("\"mtu\": 1300, \"sysctl\": {\"net.ipv4.conf.IFNAME.arp_filter\": \"nonsense\"}", expect: 1);
        Assert.Equal(1400, PodEnd.Mtu);
        Assert.Equal(text, File.ReadAllText(RecordPath));
    }

    [Fact]
    public void Absent_interface_is_told()
    {
        using NetworkNamespace empty = NetworkNamespace.Create();
        Assert.Contains(
            "interface eth0 does not exist",
            Call("ADD", $"\"mtu\": 1400, {PrevResult}", expect: 1, netns: PathOf(empty)).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Repeated_ADD_keeps_the_first_original()
    {
        string before = State();
        _ = Add("\"mtu\": 1400, \"sysctl\": {\"net.ipv4.ip_local_port_range\": \"20000 30000\"}");
        _ = Add("\"mtu\": 1300, \"txQLen\": 20, \"sysctl\": {\"net.ipv4.ip_local_port_range\": \"21000 31000\"}");
        Assert.Equal((1300, 20), (PodEnd.Mtu, PodEnd.TxQueueLength));
        _ = Call("DEL", "");
        Assert.Equal(before, State());
    }

    [Fact]
    public void Value_that_somebody_has_changed_since_is_left_alone()
    {
        _ = Add("\"sysctl\": {\"net.ipv4.ip_local_port_range\": \"20000 30000\"}");
        Pod.Run(() => Sysctl.Write("net/ipv4/ip_local_port_range", "40000 50000"));
        _ = Call("DEL", "");
        Assert.Equal("40000\t50000", InPod("net/ipv4/ip_local_port_range"));
    }

    [Theory]
    [InlineData("/run/netns/absent")]
    [InlineData("")]
    [InlineData("the node's own")]
    public void DEL_without_the_pods_namespace_deletes_the_record(string netns)
    {
        _ = Add("\"mtu\": 1400");
        _ = Call("DEL", "\"mtu\": \"odd\", \"prevResult\": null", netns: netns == "the node's own" ? PathOf(Node) : netns);
        Assert.Empty(Records);
        Assert.Equal(1400, PodEnd.Mtu);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"mtu\": \"x\"}")]
    [InlineData("{\"mtu\": 10}")]
    public void Record_that_says_nothing_usable_does_not_stop_a_DEL(string text)
    {
        File.WriteAllText(Path.Combine(_dataDir, $"{Tag.Text}.json"), text);
        File.WriteAllText(Path.Combine(_dataDir, $"{Tag.Text}.new"), text);
        Assert.NotEmpty(Call("DEL", "").Errors);
        Assert.Empty(Records);
    }

    [Fact]
    public void Backup_of_the_reference_is_restored()
    {
        File.WriteAllText(Path.Combine(_dataDir, "c1_eth0.json"), """{"mac": "02:00:00:00:00:09", "mtu": 1450, "promisc": false}""");
        _ = Call("DEL", "");
        Assert.Equal(("02:00:00:00:00:09", 1450), (PodEnd.Mac.ToString(), PodEnd.Mtu));
        Assert.Empty(Records);
    }

    [Theory]
    [InlineData(1500, false, 9000, 9000)]
    [InlineData(1500, true, 9000, 9000)]
    [InlineData(1500, false, 1400, 1400)]
    [InlineData(1500, true, 1400, 1500)]
    [InlineData(9000, true, 1400, 9000)]
    public void Host_end_follows_unless_its_bridge_would_shrink(int before, bool bridged, int wanted, int expected)
    {
        NodeClient.SetLink(HostEnd.Index, new LinkChange { Mtu = before, Master = bridged ? MakeBridge() : null });
        _ = Add($"\"mtu\": {wanted}");
        Assert.Equal((wanted, expected), (PodEnd.Mtu, HostEnd.Mtu));
        _ = Check($"\"mtu\": {wanted}");
        _ = Call("DEL", "");
        Assert.Equal((1500, before), (PodEnd.Mtu, HostEnd.Mtu));
    }

    [Fact]
    public void Host_end_that_the_result_does_not_name_stays()
    {
        _ = Call(
            "ADD",
            "\"mtu\": 1400, \"prevResult\": {\"cniVersion\": \"1.1.0\", \"interfaces\": [{\"name\": \"eth0\", \"sandbox\": \"/a\"}]}");
        Assert.Equal((1400, 1500), (PodEnd.Mtu, HostEnd.Mtu));
    }

    [Theory]
    [InlineData("mac of eth0 is 02:00:00:00:00:77, wanted 02:00:00:00:00:01")]
    [InlineData("mtu of eth0 is 1300, wanted 1400")]
    [InlineData("txQLen of eth0 is 7, wanted 20")]
    [InlineData("promisc of eth0 is false, wanted true")]
    [InlineData("allmulti of eth0 is false, wanted true")]
    [InlineData("mtu of host0, the host end of eth0, is 1350, wanted at least 1400")]
    [InlineData("sysctl net.ipv4.conf.IFNAME.arp_filter is \\\"0\\\", wanted \\\"1\\\"")]
    public void CHECK_names_what_is_different(string message)
    {
        _ = Add(Everything);
        LinkChange change = message.Split(' ')[0] switch
        {
            "mac" => new LinkChange { Mac = TestCall.Mac("02:00:00:00:00:77") },
            "mtu" when !message.Contains("host0", StringComparison.Ordinal) => new LinkChange { Mtu = 1300 },
            "txQLen" => new LinkChange { TxQueueLength = 7 },
            "promisc" => new LinkChange { Promiscuous = false },
            "allmulti" => new LinkChange { AllMulticast = false },
            _ => new LinkChange(),
        };
        PodClient.SetLink(PodEnd.Index, change);
        if (message.Contains("host0", StringComparison.Ordinal))
            NodeClient.SetLink(HostEnd.Index, new LinkChange { Mtu = 1350 });
        if (message.StartsWith("sysctl", StringComparison.Ordinal))
            Pod.Run(() => Sysctl.Write("net/ipv4/conf/eth0/arp_filter", "0"));
        string answer = Check(Everything, expect: 1).Output;
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.Contains(
            message.Replace("\\\"", "\\u0022", StringComparison.Ordinal),
            answer.Replace("\\\"", "\\u0022", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public void CHECK_does_not_mind_what_nobody_asked_for()
    {
        PodClient.SetLink(PodEnd.Index, new LinkChange { Promiscuous = true, AllMulticast = true });
        _ = Check("\"mtu\": 1500");
    }

    [Fact]
    public void Setting_that_can_only_be_written_is_written()
    {
        _ = Add("\"sysctl\": {\"net.ipv4.route.flush\": \"1\"}");
        _ = Check("\"sysctl\": {\"net.ipv4.route.flush\": \"1\"}");
        _ = Call("DEL", "");
        Assert.Empty(Records);
    }

    [Fact]
    public void GC_deletes_the_records_of_what_is_not_listed_in_its_network_alone()
    {
        _ = Add("\"mtu\": 1400");
        string[] others = [$"{new AttachmentTag("other", "c1", "eth0").Text}.json", "c1_eth0.json", "notes.txt"];
        foreach (string name in others.Append($"{new AttachmentTag("pods", "c2", "eth0").Text}.json")
            .Append($"{new AttachmentTag("pods", "c3", "eth0").Text}.new"))
        {
            File.WriteAllText(Path.Combine(_dataDir, name), "{}");
        }
        _ = Call("GC", "\"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]");
        Assert.Equal(others.Append($"{Tag.Text}.json").Order(StringComparer.Ordinal), Records.Order(StringComparer.Ordinal));
        _ = Call("GC", "");
        Assert.Equal(others.Order(StringComparer.Ordinal), Records.Order(StringComparer.Ordinal));
    }
}
