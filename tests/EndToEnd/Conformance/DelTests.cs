using System.Text.Json.Nodes;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>DEL in every situation that runtimes bring about (checklist.txt, C43 to C55).</summary>
public sealed class DelTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Everything = """ "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true """;

    public static TheoryData<string> Plugins => [.. PluginDirectory.Independent];

    public static TheoryData<string> Versions => ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    [Theory]
    [MemberData(nameof(Plugins))]
    [Trait("Conformance", "C43")]
    [Trait("Conformance", "C44")]
    public void Del_without_an_add_succeeds_any_number_of_times(string type)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();
        for (int round = 0; round < 2; round++)
            Assert.Empty(node.Plugin.Delete(type, network.Config(Everything), pod).ExpectSuccess().Output);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("namespace")]
    [InlineData("empty")]
    [InlineData("absent")]
    [InlineData("file")]
    [InlineData("interface gone")]
    [Trait("Conformance", "C44")]
    [Trait("Conformance", "C45")]
    [Trait("Conformance", "C46")]
    [Trait("Conformance", "C47")]
    [Trait("Conformance", "C48")]
    [Trait("Conformance", "C52")]
    public void Del_leaves_nothing_of_its_attachment_and_all_of_others(string situation)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything, network.Ipam("dual"));
        (Pod other, PluginResult kept) = node.Attach(config);
        Pod pod = node.NewPod();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        _ = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        string? netns = situation switch
        {
            "empty" => "",
            "absent" => "/run/netns/absent",
            "file" => node.Sandbox.WriteFile($"{network.Name}-file", ""),
            _ => pod.Netns,
        };
        if (situation == "interface gone")
            _ = pod.Run("ip", "link", "delete", "eth0");
        for (int round = 0; round < 2; round++)
            Assert.Empty(node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, netns, "eth0").ExpectSuccess().Output);

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.Null(node.FindLink("eth0", pod));
        Assert.False(node.IsReserved(network, pod));
        _ = node.Check(config, other, kept).ExpectSuccess();
    }

    [Theory]
    [InlineData("another bridge")]
    [InlineData("no ipMasq")]
    [InlineData("another subnet")]
    [InlineData("invalid values")]
    [InlineData("malformed arguments")]
    [Trait("Conformance", "C45")]
    [Trait("Conformance", "C48")]
    public void Del_does_not_trust_the_configuration(string change)
    {
        TestNetwork network = node.NewNetwork();
        TestNetwork other = node.NewNetwork();
        string config = network.Config(Everything);
        Pod pod = node.NewPod();
        (Pod warm, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, warm).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        _ = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        string changed = change switch
        {
            "another bridge" => network.Config(Everything).Replace(network.Bridge, "absent0", StringComparison.Ordinal),
            "no ipMasq" => network.Config(""" "isDefaultGateway": false, "ipMasq": false """),
            "another subnet" => network.Config(Everything, other.Ipam("v6")),
            "invalid values" =>
                network.Config(""" "vlan": 5000, "mtu": -1, "hairpinMode": true, "promiscMode": true, "ipMasqBackend": "x" """),
            _ => config,
        };
        string? args = change == "malformed arguments" ? "MAC=nonsense;;x;IP=y" : null;
        _ = node.Plugin.Run("bridge", "DEL", changed, pod.ContainerId, pod.Netns, "eth0", args).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.False(node.IsReserved(network, pod));
    }

    [Fact]
    [Trait("Conformance", "C49")]
    public void Del_with_somebody_else_s_address_removes_only_its_own()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod other, PluginResult kept) = node.Attach(config);
        (Pod pod, PluginResult added) = node.Attach(config);
        string own = pod.Address();
        JsonNode wrong = JsonNode.Parse(added.Output)!;
        wrong["ips"]![0]!["address"] = $"{other.Address()}/24";
        JsonNode request = JsonNode.Parse(config)!;
        request["prevResult"] = wrong;
        // Its link is gone, so nothing but the tag tells what was its own.
        pod.Delete();
        _ = node.Sandbox.TryRun("ip", "link", "delete", ConformanceNode.Port(network, pod));

        _ = node.Plugin.Run("bridge", "DEL", request.ToJsonString(), pod.ContainerId, "", "eth0").ExpectSuccess();

        _ = node.Check(config, other, kept).ExpectSuccess();
        Assert.DoesNotContain($" {own} ", node.Ruleset(), StringComparison.Ordinal);
        Assert.False(node.IsReserved(network, pod));
    }

    [Theory]
    [InlineData("bridge")]
    [InlineData("loopback")]
    [Trait("Conformance", "C50")]
    public void Del_in_the_host_s_namespace_touches_no_interface(string type)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        _ = node.Sandbox.Run("ip", "link", "add", $"host{network.Number}", "type", "veth", "peer", "name", $"peer{network.Number}");
        Pod pod = node.NewPod();
        (Pod warm, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, warm).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        foreach (string name in (string[])["lo", $"host{network.Number}", network.Bridge])
            _ = node.Plugin.Run(type, "DEL", config, pod.ContainerId, "/proc/self/ns/net", name).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.Contains("UP", node.Sandbox.Run("ip", "link", "show", "dev", "lo"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C50")]
    public void Del_in_the_host_s_namespace_cleans_up_the_host_all_the_same()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod pod, _) = node.Attach(config);

        _ = node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, "/proc/self/ns/net", "eth0").ExpectSuccess();

        Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
        Assert.False(node.IsReserved(network, pod));
        Assert.DoesNotContain(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C51")]
    [Trait("Conformance", "C52")]
    public void Every_step_is_tried_and_every_failure_told()
    {
        TestNetwork network = node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(node)
            .Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }""")
            .Failing("DEL", code: 11, "the pool is locked");
        string config = network.Config(Everything, $$"""{ "type": "{{FakeIpam.Type}}" }""");
        Pod pod = node.NewPod();
        _ = ipam.Plugin.Add("bridge", config, pod).ExpectSuccess();

        // Nothing of the kernel's can be removed without the capability.
        using RunningCommand powerless = node.Sandbox.Start(
            ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", $"{ipam.Plugin.Directory}/bridge"],
            new Dictionary<string, string>
            {
                ["PATH"] = "/usr/bin:/bin",
                ["CNI_COMMAND"] = "DEL",
                ["CNI_CONTAINERID"] = pod.ContainerId,
                ["CNI_NETNS"] = pod.Netns,
                ["CNI_IFNAME"] = "eth0",
                ["CNI_PATH"] = ipam.Plugin.Directory,
            },
            config);
        string message = new PluginResult(powerless.WaitForExit()).ExpectError(code: 101);

        Says.All(message, "delete link", "EPERM", "the pool is locked");
        Assert.Equal(["ADD", "DEL"], ipam.Verbs);
        _ = ipam.Plugin.Delete("bridge", config, pod).ExpectError(code: 11);
        Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
        Assert.DoesNotContain(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("""{ "cniVersion": "0.2.0" }""")]
    [InlineData("""{ "cniVersion": "1.1.0", "ips": [{ "address": "x" }] }""")]
    [Trait("Conformance", "C48")]
    public void A_previous_result_that_cannot_be_read_stops_nothing(string previous)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod pod, _) = node.Attach(config);

        _ = node.Plugin.Delete("bridge", config.Insert(config.LastIndexOf('}'), $$""", "prevResult": {{previous}} """), pod)
            .ExpectSuccess();

        Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
        Assert.False(node.IsReserved(network, pod));
        Assert.DoesNotContain(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete table inet cniplugin")]
    [InlineData("flush map inet cniplugin masq4")]
    [InlineData("flush chain inet cniplugin postrouting")]
    [Trait("Conformance", "C53")]
    public void Del_does_not_mind_a_ruleset_that_is_gone(string damage)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything, network.Ipam("dual"));
        (Pod pod, PluginResult added) = node.Attach(config);
        _ = node.Sandbox.Run("nft", damage);

        _ = node.Plugin.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();

        Assert.False(node.IsReserved(network, pod));
        // And the next ADD restores it.
        (Pod next, PluginResult second) = node.Attach(config);
        _ = node.Check(config, next, second).ExpectSuccess();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("Conformance", "C54")]
    public void Del_of_any_version_removes_what_any_other_made(string version)
    {
        TestNetwork network = node.NewNetwork();
        foreach (string made in (string[])["0.1.0", "0.4.0", "1.1.0"])
        {
            Pod pod = node.NewPod();
            _ = node.Plugin.Add("bridge", network.Config(Everything, version: made), pod).ExpectSuccess();
            _ = node.Plugin.Delete("bridge", network.Config(Everything, version: version), pod).ExpectSuccess();
            Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
            Assert.False(node.IsReserved(network, pod));
        }
    }

    [Fact]
    [Trait("Conformance", "C55")]
    public void Interfaces_of_one_container_are_deleted_one_by_one()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true, "ipMasq": true """);
        (Pod pod, PluginResult first) = node.Attach(config);
        _ = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "net1").ExpectSuccess();

        _ = node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "net1").ExpectSuccess();

        Assert.Null(node.FindLink("net1", pod));
        _ = node.Check(config, pod, first).ExpectSuccess();
    }
}
