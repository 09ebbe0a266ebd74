using System.Globalization;
using System.Text.Json;
using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary><c>tuning</c> behind <c>bridge</c>: the list of what is allowed, sources, kills, and the switch from the reference.</summary>
public sealed class TuningTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string DataDir = "/run/cni/tuning";

    private readonly TestNetwork _network = node.NewNetwork();

    private string Config(string members) => $$"""{ "cniVersion": "1.1.0", "name": "{{_network.Name}}", "type": "tuning", {{members}} }""";

    private (Pod Pod, PluginResult Made) Bridge() => node.Attach(_network.Config(""" "isDefaultGateway": true """));

    private static string State(Pod pod) =>
        $"{pod.Run("ip", "-json", "link", "show", "dev", "eth0")} "
        + $"{pod.Run("sysctl", "-n", "net.ipv4.ip_local_port_range", "net.ipv4.conf.eth0.arp_filter")}";

    private string[] Records() =>
        node.Sandbox.Run("sh", "-c", $"find {DataDir} -type f -printf '%f\\n' 2>/dev/null || true")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Every_source_changes_the_pod_and_DEL_takes_it_back()
    {
        (Pod pod, PluginResult made) = Bridge();
        string before = State(pod);
        string config = Config("""
            "mac": "02:00:00:00:00:01", "runtimeConfig": { "MAC": "02:00:00:00:00:03" }, "capabilities": { "mac": true }, "mtu": 1400,
            "args": { "cni": { "sysctl": { "net.ipv4.ip_local_port_range": "20000 30000" }, "txQLen": 20, "allmulti": true,
            "promisc": true } }
            """);

        PluginResult added = node.Plugin.Run(
            "tuning",
            "ADD",
            made.WithPrevResult(config),
            pod.ContainerId,
            pod.Netns,
            "eth0",
            args: "MAC=02:00:00:00:00:02").ExpectSuccess();

        JsonElement link = node.Link("eth0", pod);
        Assert.Equal(
            ("02:00:00:00:00:03", 1400, 20),
            (link.GetProperty("address").GetString(), link.GetProperty("mtu").GetInt32(), link.GetProperty("txqlen").GetInt32()));
        string[] flags = [.. link.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)];
        Assert.Contains("PROMISC", flags);
        Assert.Contains("ALLMULTI", flags);
        Assert.Equal("20000\t30000", pod.Run("sysctl", "-n", "net.ipv4.ip_local_port_range").Trim());
        JsonElement entry = added.Json.GetProperty("interfaces").EnumerateArray().Single(entry => entry.TryGetProperty("sandbox", out _));
        Assert.Equal(("02:00:00:00:00:03", 1400), (entry.GetProperty("mac").GetString(), entry.GetProperty("mtu").GetInt32()));
        pod.AssertReaches(_network.Gateway4);
        // The bridge's CHECK gets the whole chain's result.
        _ = node.Plugin.Check("bridge", added.WithPrevResult(_network.Config(""" "isDefaultGateway": true """)), pod).ExpectSuccess();
        _ = node.Plugin.Check("tuning", added.WithPrevResult(config), pod).ExpectSuccess();

        _ = node.Plugin.Delete("tuning", Config(""" "mtu": 1300 """), pod).ExpectSuccess();
        Assert.Equal(before, State(pod));
        Assert.Empty(Records());
    }

    [Fact]
    public void Allowlist_decides_and_what_it_refuses_changes_nothing()
    {
        (Pod pod, PluginResult made) = Bridge();
        string before = State(pod);
        PluginResult Add(string sysctl) => node.Plugin.Add(
            "tuning", made.WithPrevResult(Config($$""" "mac": "02:00:00:00:00:09", "sysctl": { "{{sysctl}}": "1" } """)), pod);
        try
        {
            _ = node.Sandbox.Run("sh", "-euc", """
                mkdir -p /etc/cni/tuning
                printf '%s\n' '^net\.ipv4\.conf\.IFNAME\.[a-z_]*$' '' 'disable_(ipv4|ipv6)$' >/etc/cni/tuning/allowlist.conf
                """);
            string refused = Add("net.ipv4.conf.eth0.arp_filter").ExpectError(code: 7);
            Says.All(refused, "net.ipv4.conf.eth0.arp_filter", "/etc/cni/tuning/allowlist.conf");
            Assert.Equal(before, State(pod));
            _ = Add("net.ipv4.conf.IFNAME.arp_filter").ExpectSuccess();
            _ = Add("net/ipv6/conf/eth0/disable_ipv6").ExpectSuccess();
            _ = node.Plugin.Delete("tuning", Config(""" "mtu": 0 """), pod).ExpectSuccess();
            Assert.Equal(before, State(pod));

            _ = node.Sandbox.Run("sh", "-c", ": >/etc/cni/tuning/allowlist.conf");
            _ = Add("net.ipv4.conf.IFNAME.arp_filter").ExpectError(code: 7);
            _ = node.Sandbox.Run("sh", "-c", "echo '(' >/etc/cni/tuning/allowlist.conf");
            Says.All(Add("net.ipv4.conf.IFNAME.arp_filter").ExpectError(code: 7), "line 1", "\"(\"");
            Assert.Equal(before, State(pod));
        }
        finally
        {
            _ = node.Sandbox.Run("rm", "-r", "/etc/cni/tuning");
        }
    }

    // checklist.txt, C42.
    [Fact]
    public void Killed_ADD_is_taken_back_by_DEL()
    {
        (Pod pod, PluginResult made) = Bridge();
        string before = State(pod);
        string config = made.WithPrevResult(Config("""
            "mac": "02:00:00:00:00:01", "mtu": 1400, "promisc": true, "txQLen": 20,
            "sysctl": { "net.ipv4.ip_local_port_range": "20000 30000", "net.ipv4.conf.IFNAME.arp_filter": "1" }
            """));
        Random random = new(Seed: 1);
        for (int round = 0; round < 40; round++)
        {
            using RunningCommand add = node.Plugin.Start("tuning", "ADD", config, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 12));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("tuning", Config(""" "mtu": 0 """), pod).ExpectSuccess();
            Assert.Equal(before, State(pod));
            Assert.Empty(Records());
        }
    }

    [Fact]
    public void Records_go_with_a_namespace_that_is_gone_and_by_GC()
    {
        string config = Config(""" "mtu": 1400 """);
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number =>
        {
            (Pod pod, PluginResult made) = Bridge();
            _ = node.Plugin.Add("tuning", made.WithPrevResult(config), pod).ExpectSuccess();
            return pod;
        })];
        Assert.Equal(3, Records().Length);
        pods[0].Delete();

        _ = node.Plugin.Delete("tuning", config, pods[0]).ExpectSuccess();
        Assert.Equal(2, Records().Length);
        _ = node.Plugin.Run("tuning", "GC", config.Replace(_network.Name, "another", StringComparison.Ordinal)).ExpectSuccess();
        Assert.Equal(2, Records().Length);
        string valid = config.Insert(
            config.LastIndexOf('}'),
            $$""", "cni.dev/valid-attachments": [{ "containerID": "{{pods[1].ContainerId}}", "ifname": "eth0" }]""");
        _ = node.Plugin.Run("tuning", "GC", valid).ExpectSuccess();
        Assert.Equal([$"{OurPlugins.Tag(_network.Name, pods[1])}.json"], Records());
        _ = node.Plugin.Run("tuning", "GC", config).ExpectSuccess();
        Assert.Empty(Records());
    }

    [Fact]
    public void What_the_reference_changed_is_taken_back_by_ours()
    {
        (Pod pod, PluginResult made) = Bridge();
        string before = State(pod);
        PluginProcess reference = PluginProcess.OfReference(node.Sandbox, "tuning");
        string version = Config(""" "mac": "02:00:00:00:00:0a", "mtu": 1400, "promisc": true, "allmulti": true """)
            .Replace("1.1.0", "1.0.0", StringComparison.Ordinal);
        string prevResult = made.WithPrevResult(version).Replace("1.1.0", "1.0.0", StringComparison.Ordinal);

        PluginResult added = reference.Add("tuning", prevResult, pod).ExpectSuccess();
        Assert.Equal(1400, node.Link("eth0", pod).GetProperty("mtu").GetInt32());
        _ = node.Plugin.Check("tuning", added.WithPrevResult(version.Replace("\"mtu\": 1400,", "", StringComparison.Ordinal)), pod)
            .ExpectSuccess();
        _ = node.Plugin.Delete("tuning", version, pod).ExpectSuccess();

        Assert.Equal(before, State(pod));
        Assert.Empty(Records());
    }

    // P16: with the node's end left as it was, neither direction would carry packets of the larger size.
    [Theory]
    [InlineData(9000)]
    [InlineData(1400)]
    public void Packets_of_the_new_size_pass_both_ways(int mtu)
    {
        (Pod pod, PluginResult made) = Bridge();
        string config = Config($""" "mtu": {mtu} """);
        PluginResult added = node.Plugin.Add("tuning", made.WithPrevResult(config), pod).ExpectSuccess();
        _ = node.Plugin.Check("tuning", added.WithPrevResult(config), pod).ExpectSuccess();
        string size = (mtu - 28).ToString(CultureInfo.InvariantCulture);
        if (mtu > 1500)
            _ = node.Sandbox.Run("ip", "link", "set", "dev", _network.Bridge, "mtu", $"{mtu}");

        _ = pod.Run("ping", "-n", "-c1", "-W2", "-M", "do", "-s", size, _network.Gateway4);
        _ = node.Plugin.Delete("tuning", config, pod).ExpectSuccess();
    }
}
