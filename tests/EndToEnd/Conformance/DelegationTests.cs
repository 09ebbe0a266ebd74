using System.Text.Json;
using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>The delegate, the process and its answers (checklist.txt, C32 to C34, C73 to C80).</summary>
public sealed class DelegationTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Ipam = $$"""{ "type": "{{FakeIpam.Type}}" }""";

    [Fact]
    [Trait("Conformance", "C32")]
    [Trait("Conformance", "C73")]
    public void A_failure_behind_the_delegate_undoes_its_work()
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        FakeIpam ipam = FakeIpam.In(node)
            // A gateway that the kernel refuses.
            .Answering(
                "ADD",
                """{ "cniVersion": "1.1.0", "ips": [{ "address": "10.99.0.5/24" }], "routes": [{ "dst": "198.51.100.0/24", "gw":"""
                + """ "255.255.255.255" }] }""");
        Pod pod = node.NewPod();

        string message = ipam.Plugin.Add("bridge", network.Config(""" "ipMasq": true """, Ipam), pod).ExpectError(code: 101);

        Says.All(message, "198.51.100.0/24");
        Assert.Equal(["ADD", "DEL"], ipam.Verbs);
        Assert.Contains("CNI_COMMAND=DEL", ipam.Environment("DEL"));
        Assert.Null(node.FindLink("eth0", pod));
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    [Trait("Conformance", "C33")]
    public void A_delegate_that_fails_is_told_to_clean_up_and_its_error_goes_on()
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        FakeIpam ipam = FakeIpam.In(node).Failing("ADD", code: 142, "the pool is empty");
        Pod pod = node.NewPod();

        string message = ipam.Plugin.Add("bridge", network.Config(ipam: Ipam), pod).ExpectError(code: 142);

        Says.All(message, FakeIpam.Type, "the pool is empty");
        Assert.Equal(["ADD", "DEL"], ipam.Verbs);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("""{ "cniVersion": "1.0.0" }""", "no ips")]
    [InlineData("""{ "cniVersion": "1.0.0", "ips": [] }""", "no ips")]
    [InlineData("""{ "cniVersion": "1.0.0", "ips": null }""", "no ips")]
    [InlineData("", "without a result")]
    [InlineData("not json", "not")]
    [InlineData("""{ "cniVersion": "1.0.0", "ips": [{ "address": "10.99.0.5" }] }""", "10.99.0.5")]
    [InlineData("""{ "cniVersion": "7.0.0", "ips": [{ "address": "10.99.0.5/24" }] }""", "7.0.0")]
    [Trait("Conformance", "C34")]
    public void A_delegate_s_useless_answer_is_an_error(string answer, string word)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        FakeIpam ipam = FakeIpam.In(node).Answering("ADD", answer);
        Pod pod = node.NewPod();

        PluginResult result = ipam.Plugin.Add("bridge", network.Config(ipam: Ipam), pod);

        Assert.Equal(1, result.ExitCode);
        Says.All(result.Json.GetProperty("msg").GetString()!, FakeIpam.Type, word);
        Assert.Equal(["ADD", "DEL"], ipam.Verbs);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    [Trait("Conformance", "C73")]
    [Trait("Conformance", "C75")]
    public void The_delegate_sees_what_we_see()
    {
        TestNetwork network = node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(node)
            .Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }""");
        string config = network.Config(""" "unknown":  [1.0, "é\u00e9"], "args": { "cni": { "ips": ["x"] } } """, Ipam) + "\n";
        Pod pod = node.NewPod();
        Dictionary<string, string?> more = new() { ["TRACEPARENT"] = "00-1-2", ["EMPTY"] = "" };

        PluginResult added = ipam.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", "K=V", more).ExpectSuccess();
        _ = ipam.Plugin.Run("bridge", "CHECK", added.WithPrevResult(config), pod.ContainerId, pod.Netns, "eth0", "K=V", more)
            .ExpectSuccess();
        _ = ipam.Plugin.Run("bridge", "DEL", config, pod.ContainerId, "", "eth0", "K=V", more).ExpectSuccess();

        Assert.Equal(["ADD", "CHECK", "DEL"], ipam.Verbs);
        Assert.Equal(config, ipam.Input("ADD"));
        Assert.Equal(added.WithPrevResult(config), ipam.Input("CHECK"));
        Assert.Equal(config, ipam.Input("DEL"));
        foreach (string verb in ipam.Verbs)
        {
            string[] expected =
                [
                    $"CNI_COMMAND={verb}",
                    $"CNI_CONTAINERID={pod.ContainerId}",
                    "CNI_IFNAME=eth0",
                    "CNI_ARGS=K=V",
                    "TRACEPARENT=00-1-2",
                    "EMPTY=",
                ];
            Assert.Empty(expected.Except(ipam.Environment(verb)));
        }
        Says.All(added.Error, "fake-ipam says ADD");
        Assert.DoesNotContain("fake-ipam says", added.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C74")]
    public void The_first_regular_file_along_the_path_is_the_delegate()
    {
        TestNetwork network = node.NewNetwork();
        string answer = $$"""{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }""";
        FakeIpam second = FakeIpam.In(node).Answering("ADD", answer);
        FakeIpam third = FakeIpam.In(node).Answering("ADD", answer);
        string first = node.NewDirectory();
        _ = Directory.CreateDirectory(Path.Combine(first, FakeIpam.Type));
        Dictionary<string, string?> path = new()
        {
            ["CNI_PATH"] = $"/nowhere::{first}:{Path.GetDirectoryName(second.PathOf("x"))}:{third.Plugin.Directory}",
        };
        Pod pod = node.NewPod();

        _ = second.Plugin.Run("bridge", "ADD", network.Config(ipam: Ipam), pod.ContainerId, pod.Netns, "eth0", extraEnv: path)
            .ExpectSuccess();

        Assert.Equal(["ADD"], second.Verbs);
        Assert.Empty(third.Verbs);
    }

    [Theory]
    [InlineData("../fake-ipam")]
    [InlineData("/bin/true")]
    [Trait("Conformance", "C74")]
    public void A_delegate_is_named_not_located(string type)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();
        string config = network.Config(ipam: $$"""{ "type": "{{type}}" }""");

        foreach (string verb in (string[])["ADD", "DEL", "STATUS", "GC"])
            Says.All(node.Plugin.Run("bridge", verb, config, pod.ContainerId, pod.Netns, "eth0").ExpectError(code: 7), type);

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    [Trait("Conformance", "C76")]
    public void A_delegate_s_reserved_code_is_not_passed_on()
    {
        FakeIpam ipam = FakeIpam.In(node);
        string config = node.NewNetwork().Config(ipam: Ipam);
        foreach (int code in (int[])[0, 9, 10, 12, 49, 52, 99])
        {
            _ = ipam.Failing("STATUS", code, "reserved");
            PluginResult result = ipam.Plugin.Run("bridge", "STATUS", config);
            JsonElement answer = result.Json;
            Assert.Equal(1, result.ExitCode);
            Assert.True(answer.GetProperty("code").GetInt32() is (>= 1 and <= 8) or 11 or 50 or 51 or >= 100, result.ToString());
            Says.All(answer.GetProperty("msg").GetString()!, "reserved");
            Assert.Equal("1.1.0", answer.GetProperty("cniVersion").GetString());
        }
    }

    [Fact]
    [Trait("Conformance", "C77")]
    public void Nobody_keeps_the_output_open()
    {
        TestNetwork network = node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(node);
        // A daemon that inherits the delegate's streams.
        File.WriteAllText(ipam.PathOf(FakeIpam.Type), $$"""
            #!/bin/sh
            cat >/dev/null
            sleep 60 &
            echo '{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }'
            """);
        Pod pod = node.NewPod();
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();

        _ = ipam.Plugin.Add("bridge", network.Config(ipam: Ipam), pod);

        // Our own limit for a delegate that has ended while its streams stay open is 5 s.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    [Trait("Conformance", "C78")]
    public void Even_what_nobody_foresaw_is_answered()
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        // No store can be made where a file stands.
        string file = node.Sandbox.WriteFile($"{network.Name}-file", "");
        string config = network.Config(ipam: network.Ipam(keys: $$""" "dataDir": "{{file}}" """));

        PluginResult result = node.Plugin.Add("bridge", config, pod);

        Assert.Equal(1, result.ExitCode);
        Says.All(result.ExpectError(code: 5), file);
        Assert.Null(node.FindLink(network.Bridge));

        using RunningCommand full = node.Sandbox.Start(
            ["sh", "-c", "exec \"$0\" >/dev/full", $"{node.Plugin.Directory}/bridge"],
            new Dictionary<string, string>
            {
                ["CNI_COMMAND"] = "ADD",
                ["CNI_CONTAINERID"] = pod.ContainerId,
                ["CNI_NETNS"] = pod.Netns,
                ["CNI_IFNAME"] = "eth0",
                ["CNI_PATH"] = node.Plugin.Directory,
            },
            network.Config());
        CommandResult unprinted = full.WaitForExit().Expect(exitCode: 1);
        Says.All(unprinted.Error, "stdout");
        Assert.Null(node.FindLink("eth0", pod));
        Assert.False(node.IsReserved(network, pod));
    }

    [Fact]
    [Trait("Conformance", "C79")]
    public void A_minimal_environment_and_a_read_only_root_suffice()
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        string config = network.Config(""" "isDefaultGateway": true, "ipMasq": true """, network.Ipam("dual"));
        foreach (string verb in (string[])["ADD", "DEL"])
        {
            const string Script = """
                mount --bind / / && mount -o remount,ro,bind / && cd /
                exec env -i CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=$3 CNI_IFNAME=eth0 CNI_PATH=$4 $4/bridge
                """;
            using RunningCommand running = node.Sandbox.Start(
                ["unshare", "--mount", "sh", "-euc", Script, "sh", verb, pod.ContainerId, pod.Netns, node.Plugin.Directory],
                input: config);
            _ = running.WaitForExit().Expect(exitCode: 0);
        }
        Assert.False(node.IsReserved(network, pod));
    }

    [Fact]
    [Trait("Conformance", "C80")]
    public void Cnitool_leaves_only_the_store()
    {
        TestNetwork network = node.NewNetwork();
        string list = $$"""
            { "cniVersion": "1.0.0", "name": "{{network.Name}}", "plugins": [{ "type": "bridge", "bridge": "{{network.Bridge}}",
            "isGateway": true, "ipMasq": true, "ipam": {{network.Ipam()}} }] }
            """;
        CniTool tool = new(node.Sandbox, new PodNetwork(list));

        Pod pod = tool.AddPod($"tool{network.Number}");
        tool.CheckPod(pod);
        tool.DeletePod(pod);

        string[] files = node.Sandbox.Run("find", $"/run/cni/networks/{network.Name}", "/var/lib/cni", "-type", "f")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(files, file => Assert.Matches(@"/(lock|leases-[0-9a-f-]+(-log\.db|\.(db|filter|journal)))$", file));
    }
}
