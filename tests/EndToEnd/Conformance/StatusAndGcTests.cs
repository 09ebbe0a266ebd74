using System.Diagnostics;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>STATUS and GC (checklist.txt, C63 to C72).</summary>
public sealed class StatusAndGcTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Everything = """ "isGateway": true, "ipMasq": true """;

    public static TheoryData<string> Plugins => [.. PluginDirectory.Independent];

    [Theory]
    [MemberData(nameof(Plugins))]
    [Trait("Conformance", "C63")]
    [Trait("Conformance", "C65")]
    [Trait("Conformance", "C66")]
    [Trait("Conformance", "C72")]
    public void A_node_that_knows_nothing_is_healthy_and_clean(string type)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        foreach (string verb in (string[])["STATUS", "GC"])
        {
            Stopwatch clock = Stopwatch.StartNew();
            Assert.Empty(node.Plugin.Run(type, verb, network.Config(Everything)).ExpectSuccess().Output);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{verb} took {clock.Elapsed}");
        }
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.False(Directory.Exists($"/run/cni/networks/{network.Name}"));
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [Trait("Conformance", "C63")]
    [Trait("Conformance", "C66")]
    public void Older_configurations_have_neither(string version)
    {
        foreach (string type in PluginDirectory.Delivered.Where(type => ChainedVerbMatrixTests.Versions(type).Contains(version)))
        {
            foreach (string verb in (string[])["STATUS", "GC"])
                Says.All(node.Plugin.Run(type, verb, node.NewNetwork().Config(version: version)).ExpectError(code: 1), verb, version);
        }
    }

    [Fact]
    [Trait("Conformance", "C64")]
    public void Status_is_that_of_the_delegate()
    {
        FakeIpam ipam = FakeIpam.In(node);
        string config = node.NewNetwork().Config(ipam: $$"""{ "type": "{{FakeIpam.Type}}" }""");
        _ = ipam.Plugin.Run("bridge", "STATUS", config).ExpectSuccess();

        _ = ipam.Failing("STATUS", code: 51, "no upstream");
        Says.All(ipam.Plugin.Run("bridge", "STATUS", config).ExpectError(code: 51), "no upstream");

        string absent = config.Replace(FakeIpam.Type, "absent-ipam", StringComparison.Ordinal);
        Says.All(ipam.Plugin.Run("bridge", "STATUS", absent).ExpectError(code: 50), "absent-ipam");
    }

    [Fact]
    [Trait("Conformance", "C65")]
    public void Status_is_quick_while_pods_come()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        Pod[] pods = [.. Enumerable.Range(0, 10).Select(_ => node.NewPod())];
        RunningCommand[] running = [.. pods.Select(pod => node.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0"))];

        Stopwatch clock = Stopwatch.StartNew();
        _ = node.Plugin.Run("bridge", "STATUS", config).ExpectSuccess();
        TimeSpan taken = clock.Elapsed;

        foreach (RunningCommand command in running)
        {
            _ = command.WaitForExit().Expect(exitCode: 0);
            command.Dispose();
        }
        // Not a measure of speed: it has not waited for a lock until the time limit.
        Assert.True(taken < TimeSpan.FromSeconds(20), $"STATUS took {taken}");
    }

    [Theory]
    [InlineData("cni.dev/valid-attachments")]
    [InlineData("cni.dev/attachments")]
    [Trait("Conformance", "C67")]
    [Trait("Conformance", "C68")]
    [Trait("Conformance", "C69")]
    [Trait("Conformance", "C70")]
    public void Exactly_the_attachments_of_this_network_that_are_not_listed_are_collected(string key)
    {
        TestNetwork network = node.NewNetwork();
        // The other network shares bridge and container.
        string config = network.Config(Everything);
        TestNetwork neighbour = node.NewNetwork();
        string neighbours = neighbour.Config(Everything)
            .Replace(neighbour.Bridge, network.Bridge, StringComparison.Ordinal)
            .Replace("\"isGateway\": true", "\"isGateway\": false", StringComparison.Ordinal);
        (Pod kept, PluginResult keptResult) = node.Attach(config);
        PluginResult neighbourResult = node.Plugin.Run("bridge", "ADD", neighbours, kept.ContainerId, kept.Netns, "net2").ExpectSuccess();
        Pod unlisted = node.NewPod();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        _ = node.Plugin.Run("bridge", "ADD", config, kept.ContainerId, kept.Netns, "net1").ExpectSuccess();
        _ = node.Plugin.Add("bridge", config, unlisted).ExpectSuccess();

        string request = WithList(
            config,
            key,
            $$"""[{ "containerID": "{{kept.ContainerId}}", "ifname": "eth0" }, { "containerID": "stranger", "ifname": "eth0" }]""");
        for (int round = 0; round < 2; round++)
            Assert.Empty(node.Plugin.Run("bridge", "GC", request).ExpectSuccess().Output);

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.False(node.IsReserved(network, unlisted));
        _ = node.Check(config, kept, keptResult).ExpectSuccess();
        _ = node.Plugin.Run("bridge", "CHECK", neighbourResult.WithPrevResult(neighbours), kept.ContainerId, kept.Netns, "net2")
            .ExpectSuccess();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    [Trait("Conformance", "C69")]
    [Trait("Conformance", "C72")]
    public void An_empty_list_makes_everything_garbage(string list)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod first, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, first).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        (Pod pod, _) = node.Attach(config);

        string request = list.Length == 0 ? config : WithList(config, "cni.dev/valid-attachments", list);
        for (int round = 0; round < 2; round++)
            _ = node.Plugin.Run("bridge", "GC", request).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.False(node.IsReserved(network, pod));
    }

    [Fact]
    [Trait("Conformance", "C69")]
    public void Of_two_lists_the_first_key_counts()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod pod, PluginResult added) = node.Attach(config);
        string request = WithList(
            config, "cni.dev/valid-attachments", $$"""[{ "containerID": "{{pod.ContainerId}}", "ifname": "eth0" }]""");

        _ = node.Plugin.Run("bridge", "GC", WithList(request, "cni.dev/attachments", "[]")).ExpectSuccess();

        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C71")]
    public void Gc_reaches_the_delegate_and_one_failure_stops_nothing()
    {
        TestNetwork network = node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(node)
            .Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }""")
            .Failing("GC", code: 11, "pool is busy");
        string config = network.Config(Everything, $$"""{ "type": "{{FakeIpam.Type}}" }""");
        Pod pod = node.NewPod();
        _ = ipam.Plugin.Add("bridge", config, pod).ExpectSuccess();
        string request = WithList(config, "cni.dev/valid-attachments", "[]");

        Says.All(ipam.Plugin.Run("bridge", "GC", request).ExpectError(code: 11), "pool is busy");

        Assert.Equal(request, ipam.Input("GC"));
        Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
        Assert.DoesNotContain(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);
    }

    private static string WithList(string config, string key, string list) =>
        config.Insert(config.LastIndexOf('}'), $$""", "{{key}}": {{list}} """);
}
