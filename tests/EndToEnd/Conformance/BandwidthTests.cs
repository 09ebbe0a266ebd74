using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary><c>bandwidth</c> behind our bridge, beside the reference's, and with packets.</summary>
public sealed class BandwidthTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    public const string Both = """ "ingressRate": 1000000, "ingressBurst": 800000, "egressRate": 2000000, "egressBurst": 1600000 """;


    [Theory]
    [InlineData(1_000_000, 800_000, 2_000_000, 1_600_000)]
    [InlineData(100, 800, 1_234_567, 7_654_321)]
    [InlineData(8, 8, 64_000, 120_000)]
    [InlineData(1_000_000_000, 4_294_967_295, 10_000_000_000, 100_000_000)]
    [InlineData(34_359_738_360, 8_000_000, 34_359_738_368, 8_000_000)]
    [InlineData(100_000_000_000, 800_000, 400_000_000_000, 1_000_000)]
    [InlineData(5_000_000, 400_000, 0, 0)]
    [InlineData(0, 0, 5_000_000, 400_000)]
    public void Tc_shows_what_it_shows_of_the_reference(long ingressRate, long ingressBurst, long egressRate, long egressBurst)
    {
        string keys =
            $""" "ingressRate": {ingressRate}, "ingressBurst": {ingressBurst}, "egressRate": {egressRate}, "egressBurst": {egressBurst} """;
        string[] listings = [.. new[] { true, false }.Select(isOurs =>
        {
            TestNetwork network = node.NewNetwork();
            (Pod pod, PluginResult bridge) = node.Attach(network.Config(version: "1.0.0"));
            string config = bridge.WithPrevResult(network.Chained("bandwidth", keys, "1.0.0"));
            PluginResult added = isOurs ? node.Plugin.Add("bandwidth", config, pod).ExpectSuccess() : AddByReference(config, pod);
            string host = ConformanceNode.Port(network, pod);
            string? ifb = added.Json.GetProperty("interfaces")
                .EnumerateArray()
                .Skip(3)
                .Select(link => link.GetProperty("name").GetString())
                .SingleOrDefault();
            Assert.Equal(egressRate > 0, ifb is not null);
            if (ifb is not null)
            {
                Assert.Equal(
                    added.Json.GetProperty("interfaces")[3].GetProperty("mac").GetString(),
                    node.Link(ifb).GetProperty("address").GetString());
            }
            return Listing(host, ifb);
        })];

        Assert.Equal(listings[1], listings[0]);
        Assert.Equal(ingressRate > 0, Regex.IsMatch(listings[0], "^qdisc tbf .*HOST", RegexOptions.Multiline));
    }

    [Fact]
    public void A_pod_of_the_reference_is_checked_and_cleaned_up()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult bridge) = node.Attach(network.Config(version: "1.0.0"));
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        // CRI-O's burst, of which the reference keeps the low bits.
        string config = network.Chained(
            "bandwidth",
            """ "ingressRate": 10000000, "ingressBurst": 34359738359, "egressRate": 10000000, "egressBurst": 34359738359 """,
            "1.0.0");
        PluginResult added = AddByReference(bridge.WithPrevResult(config), pod);

        _ = node.Plugin.Check("bandwidth", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = node.Plugin.Delete("bandwidth", config, pod).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "runtimeConfig": { "bandwidth": { "IngressRate": 0, "IngressBurst": 0, "EgressRate": 0, "EgressBurst": 0 } } """)]
    public void With_nothing_to_do_the_result_is_that_of_bridge(string keys)
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult bridge) = node.Attach(network.Config());
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        PluginResult added = node.Plugin.Add("bandwidth", bridge.WithPrevResult(network.Chained("bandwidth", keys)), pod).ExpectSuccess();

        Assert.True(JsonElement.DeepEquals(bridge.Json, added.Json), added.Output);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    [Trait("Conformance", "C17")]
    [Trait("Conformance", "C19")]
    public void Containerds_spelling_and_cri_os_burst_are_understood()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult bridge) = node.Attach(network.Config());
        string config = network.Chained(
            "bandwidth",
            """ "runtimeConfig": { "bandwidth": { "IngressRate": 10000000, "IngressBurst": 34359738359, "EgressRate": 0, "EgressBurst": 0"""
            + """ } } """);

        PluginResult added = node.Plugin.Add("bandwidth", bridge.WithPrevResult(config), pod).ExpectSuccess();

        Assert.Contains(
            "rate 10Mbit", node.Sandbox.Run("tc", "qdisc", "show", "dev", ConformanceNode.Port(network, pod)), StringComparison.Ordinal);
        _ = node.Plugin.Check("bandwidth", added.WithPrevResult(config), pod).ExpectSuccess();
        Assert.Null(node.FindLink(OurPlugins.Ifb(network.Name, pod)));
    }

    // Not by the clock, which a busy machine stretches: whatever it does, no more passes than the bucket gives in the time that went by.
    [Theory]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void What_passes_is_what_the_bucket_gives_and_the_other_way_is_free(string way)
    {
        const int BytesPerSecond = 10_000;
        const int Burst = 15_000;
        const int Packets = 40;
        TestNetwork network = node.NewNetwork();
        string bridgeConfig = network.Config(""" "isGateway": true """);
        (Pod free, _) = node.Attach(bridgeConfig);
        (Pod pod, PluginResult bridge) = node.Attach(bridgeConfig);
        string[] ping = ["ping", "-n", "-q", "-f", $"-c{Packets}", "-s1400", "-w20"];
        Stopwatch clock = Stopwatch.StartNew();
        _ = node.Plugin.Add(
            "bandwidth",
            bridge.WithPrevResult(network.Chained("bandwidth", $""" "{way}Rate": {BytesPerSecond * 8}, "{way}Burst": {Burst * 8} """)),
            pod).ExpectSuccess();

        CommandResult shaped = node.Sandbox.TryRun([.. ping, "-W1", pod.Address()]);
        JsonElement bucket = Root(way == "ingress" ? ConformanceNode.Port(network, pod) : OurPlugins.Ifb(network.Name, pod));

        long passed = bucket.GetProperty("bytes").GetInt64();
        Assert.InRange(passed, Burst, Burst + (long)(BytesPerSecond * clock.Elapsed.TotalSeconds));
        Assert.True(bucket.GetProperty("overlimits").GetInt64() > 0, shaped.ToString());
        _ = node.Sandbox.TryRun([.. ping, free.Address()]).Expect(exitCode: 0);
        if (way == "ingress")
            Assert.Null(node.FindLink(OurPlugins.Ifb(network.Name, pod)));
        else
            Assert.NotEqual("tbf", Root(ConformanceNode.Port(network, pod)).GetProperty("kind").GetString());
    }

    [Fact]
    public void Another_programs_filter_stays_and_comes_first()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult bridge) = node.Attach(network.Config());
        string host = ConformanceNode.Port(network, pod);
        _ = node.Sandbox.Run("tc", "qdisc", "add", "dev", host, "clsact");
        _ = node.Sandbox.Run(
            "tc", "filter", "add", "dev", host, "ingress", "prio", "2", "protocol", "all", "bpf", "da", "bytecode", "1,6 0 0 4294967295");
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        string config = network.Chained("bandwidth", Both);

        PluginResult added = node.Plugin.Add("bandwidth", bridge.WithPrevResult(config), pod).ExpectSuccess();
        string filters = node.Sandbox.Run("tc", "filter", "show", "dev", host, "ingress");
        Assert.InRange(
            filters.IndexOf("pref 2 bpf", StringComparison.Ordinal), 0, filters.IndexOf("pref 65535 u32", StringComparison.Ordinal));
        PluginResult check = node.Plugin.Check("bandwidth", added.WithPrevResult(config), pod).ExpectSuccess();
        Says.All(check.Error, "warning", "bpf", "priority 2", host);
        _ = node.Plugin.Delete("bandwidth", config, pod).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void Interfaces_that_are_no_veth_are_refused_before_anything_is_changed()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult bridge) = node.Attach(network.Config());
        _ = pod.Run("ip", "link", "add", "tun7", "type", "ifb");
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        PluginResult refused = node.Plugin.Run(
            "bandwidth", "ADD", bridge.WithPrevResult(network.Chained("bandwidth", Both)), pod.ContainerId, pod.Netns, "tun7");

        Says.All(refused.ExpectError(code: 2), "tun7", "ifb", "veth");
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void Gc_collects_what_dead_attachments_left()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Chained("bandwidth", Both);
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number =>
        {
            (Pod pod, PluginResult bridge) = node.Attach(network.Config());
            _ = node.Plugin.Add("bandwidth", bridge.WithPrevResult(config), pod).ExpectSuccess();
            return pod;
        })];
        pods[2].Delete();
        string valid = $$""" "cni.dev/valid-attachments": [{ "containerID": "{{pods[0].ContainerId}}", "ifname": "eth0" }] """;

        _ = node.Plugin.Run("bandwidth", "STATUS", config).ExpectSuccess();
        _ = node.Plugin.Run("bandwidth", "GC", network.Chained("bandwidth", $"{Both}, {valid}")).ExpectSuccess();

        Assert.Equal([true, false, false], pods.Select(pod => node.FindLink(OurPlugins.Ifb(network.Name, pod)) is not null));
        Assert.DoesNotContain(
            "tbf", node.Sandbox.Run("tc", "qdisc", "show", "dev", ConformanceNode.Port(network, pods[1])), StringComparison.Ordinal);
        Assert.Contains(
            "tbf", node.Sandbox.Run("tc", "qdisc", "show", "dev", ConformanceNode.Port(network, pods[0])), StringComparison.Ordinal);
    }

    private PluginResult AddByReference(string config, Pod pod) =>
        PluginProcess.OfReference(node.Sandbox, "bandwidth").Add("bandwidth", config, pod).ExpectSuccess();

    /// <summary>
    /// What tc lists, without what must differ: names, the filter's priority, the reference's second action, which no packet meets.
    /// </summary>
    private string Listing(string host, string? ifb)
    {
        string listing = node.Sandbox.Run("tc", "-d", "qdisc", "show", "dev", host) + node.Sandbox.Run(
            "tc", "-d", "filter", "show", "dev", host, "ingress");
        listing = Regex.Replace(listing.Replace("root ", "root HOST ", StringComparison.Ordinal), @"\taction order 2: (?s:.*)$", "");
        listing = listing.Replace("parent ffff: protocol", "protocol", StringComparison.Ordinal);
        listing = Regex.Replace(listing, @"pref (1|65535) |\tindex \d+ ref 1 bind 1|\bnoqueue .*", "");
        if (ifb is not null)
        {
            listing += node.Sandbox.Run("tc", "-d", "qdisc", "show", "dev", ifb);
            JsonElement link = node.Link(ifb);
            listing +=
                $"{link.GetProperty("mtu")} {link.GetProperty("flags")} {link.GetProperty("linkinfo").GetProperty("info_kind")} "
                + $"{link.TryGetProperty("txqlen", out _)}";
            listing = listing.Replace(ifb, "IFB", StringComparison.Ordinal);
        }

        return listing.Trim();
    }

    private JsonElement Root(string link)
    {
        using JsonDocument document = JsonDocument.Parse(node.Sandbox.Run("tc", "-s", "-json", "qdisc", "show", "dev", link));
        return document.RootElement.EnumerateArray().First(qdisc => qdisc.TryGetProperty("root", out _)).Clone();
    }
}
