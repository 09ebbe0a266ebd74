using System.Text.Json;
using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary><c>endpoint</c> as runtimes call it, and the gate as packets meet it.</summary>
public sealed class EndpointTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string DataDir = "/run/cniagent/endpoints";

    private readonly TestNetwork _network = node.NewNetwork();

    private string Ptp => _network.Config(type: "ptp");

    private static string Group => "6516329";

    /// <summary>The record of a pod, as the agent finds it.</summary>
    internal static JsonElement Record(RuntimeSandbox sandbox, string network, Pod pod)
    {
        using JsonDocument record = JsonDocument.Parse(sandbox.Run("cat", $"{DataDir}/{OurPlugins.Tag(network, pod)}.json"));
        return record.RootElement.Clone();
    }

    /// <summary>The records' files of a node.</summary>
    internal static string[] Records(RuntimeSandbox sandbox) =>
        sandbox.Run("sh", "-c", $"find {DataDir} -type f -printf '%f\\n' 2>/dev/null || true")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string Config(string members = "") => _network.Chained("endpoint", members);

    private (Pod Pod, PluginResult Made) Attach()
    {
        Pod pod = node.NewPod();
        return (pod, node.Plugin.Add("ptp", Ptp, pod).ExpectSuccess());
    }

    [Fact]
    public void Record_is_for_root_alone_and_goes_with_the_pod()
    {
        (Pod pod, PluginResult made) = Attach();
        PluginResult added = node.Plugin.Run(
            "endpoint",
            "ADD",
            made.WithPrevResult(Config(""" "args": { "cni": { "labels": [{ "key": "app", "value": "web" }] } } """)),
            pod.ContainerId,
            pod.Netns,
            "eth0",
            args: "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_UID=u1;IgnoreUnknown=1").ExpectSuccess();

        Assert.True(JsonElement.DeepEquals(made.Json, added.Json), added.ToString());
        string path = $"{DataDir}/{OurPlugins.Tag(_network.Name, pod)}.json";
        Assert.Equal("700 700 600", node.Sandbox.Run("stat", "-c", "%a", "/run/cniagent", DataDir, path).Trim().ReplaceLineEndings(" "));
        JsonElement record = Record(node.Sandbox, _network.Name, pod);
        Assert.Equal(OurPlugins.HostInterface(_network.Name, pod), record.GetProperty("hostInterface").GetString());
        Assert.Equal(("web-0", "shop"), (record.GetProperty("name").GetString(), record.GetProperty("namespace").GetString()));
        Assert.Equal("web", record.GetProperty("labels").GetProperty("app").GetString());
        _ = node.Plugin.Check("endpoint", added.WithPrevResult(Config()), pod).ExpectSuccess();

        // The pod is gone, as after a crash of its runtime.
        _ = node.Plugin.Delete("ptp", Ptp, pod).ExpectSuccess();
        pod.Delete();
        for (int round = 0; round < 2; round++)
            _ = node.Plugin.Run("endpoint", "DEL", Config(), pod.ContainerId, "", "eth0").ExpectSuccess();
        Assert.DoesNotContain(Path.GetFileName(path), Records(node.Sandbox));
    }

    [Fact]
    public void GC_forgets_pods_that_are_not_in_use()
    {
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number =>
        {
            (Pod pod, PluginResult made) = Attach();
            _ = node.Plugin.Add("endpoint", made.WithPrevResult(Config()), pod).ExpectSuccess();
            return pod;
        })];
        string[] Left() => [.. Records(node.Sandbox).Intersect(pods.Select(pod => $"{OurPlugins.Tag(_network.Name, pod)}.json"))];
        Assert.Equal(3, Left().Length);

        _ = node.Plugin.Run("endpoint", "GC", node.NewNetwork().Chained("endpoint", "")).ExpectSuccess();
        Assert.Equal(3, Left().Length);
        string used = $$""" "cni.dev/valid-attachments": [{ "containerID": "{{pods[1].ContainerId}}", "ifname": "eth0" }] """;
        _ = node.Plugin.Run("endpoint", "GC", Config(used)).ExpectSuccess();
        Assert.Equal([$"{OurPlugins.Tag(_network.Name, pods[1])}.json"], Left());
        _ = node.Plugin.Run("endpoint", "GC", Config()).ExpectSuccess();
        Assert.Empty(Left());
    }

    [Fact]
    public void One_static_rule_holds_back_the_pods_behind_the_gate_and_no_other()
    {
        string table = $"gate{_network.Number}";
        (Pod guarded, PluginResult made) = Attach();
        (Pod other, PluginResult madeOther) = Attach();
        _ = node.Plugin.Add("endpoint", made.WithPrevResult(Config(""" "gate": true """)), guarded).ExpectSuccess();
        _ = node.Plugin.Add("endpoint", madeOther.WithPrevResult(Config()), other).ExpectSuccess();
        Assert.Contains(
            OurPlugins.HostInterface(_network.Name, guarded),
            node.Sandbox.Run("ip", "-o", "link", "show", "group", Group),
            StringComparison.Ordinal);
        guarded.AssertReaches(_network.Gateway4);

        // What the agent writes once and never again.
        string rules = node.Sandbox.WriteFile($"{table}.nft", $$"""
            table inet {{table}} {
              set ready { type ifname; }
              chain input { type filter hook input priority 0; iifgroup {{Group}} iifname != @ready drop; }
              chain output { type filter hook output priority 0; oifgroup {{Group}} oifname != @ready drop; }
            }
            """);
        _ = node.Sandbox.Run("nft", "-f", rules);
        try
        {
            guarded.AssertDoesNotReach(_network.Gateway4);
            other.AssertReaches(_network.Gateway4);
            _ = node.Sandbox.Run(
                "nft", "add", "element", "inet", table, "ready", $"{{ {OurPlugins.HostInterface(_network.Name, guarded)} }}");
            guarded.AssertReaches(_network.Gateway4);
        }
        finally
        {
            _ = node.Sandbox.Run("nft", "delete", "table", "inet", table);
        }
    }

    [Fact]
    public void Interface_without_a_host_end_cannot_be_guarded()
    {
        Pod pod = node.NewPod();
        string lower = $"up{_network.Number}";
        _ = node.Sandbox.Run("ip", "link", "add", lower, "up", "type", "bridge");
        string config = _network.Config($""" "master": "{lower}" """, type: "macvlan");
        PluginResult made = node.Plugin.Add("macvlan", config, pod).ExpectSuccess();

        Says.All(
            node.Plugin.Add("endpoint", made.WithPrevResult(Config(""" "gate": true """)), pod).ExpectError(code: 2), "gate", "eth0");
        Assert.DoesNotContain($"{OurPlugins.Tag(_network.Name, pod)}.json", Records(node.Sandbox));
        _ = node.Plugin.Add("endpoint", made.WithPrevResult(Config()), pod).ExpectSuccess();
        Assert.False(Record(node.Sandbox, _network.Name, pod).TryGetProperty("hostInterface", out _));
        _ = node.Plugin.Delete("endpoint", Config(), pod).ExpectSuccess();
        _ = node.Plugin.Delete("macvlan", config, pod).ExpectSuccess();
    }

    [Fact]
    public void Killed_ADD_is_taken_back_by_DEL()
    {
        (Pod pod, PluginResult made) = Attach();
        string config = made.WithPrevResult(Config());
        string tag = OurPlugins.Tag(_network.Name, pod);
        Random random = new(Seed: 1);
        for (int round = 0; round < 40; round++)
        {
            using RunningCommand add = node.Plugin.Start("endpoint", "ADD", config, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 12));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("endpoint", Config(), pod).ExpectSuccess();
            Assert.DoesNotContain(Records(node.Sandbox), file => file.StartsWith(tag, StringComparison.Ordinal));
        }
    }

    // After a crash a host-local range is full of dead pods; what reclaims their addresses takes their records, too.
    [Fact]
    public void Record_of_a_dead_pod_goes_with_its_reclaimed_address()
    {
        string ptp = _network.Config(ipam: $$"""
            { "type": "host-local", "ranges": [[{ "subnet": "{{_network.Subnet4}}", "rangeStart": "10.{{_network.Number}}.0.9",
            "rangeEnd": "10.{{_network.Number}}.0.9" }]] }
            """, type: "ptp");
        Pod dead = node.NewPod();
        PluginResult made = node.Plugin.Add("ptp", ptp, dead).ExpectSuccess();
        _ = node.Plugin.Add("endpoint", made.WithPrevResult(Config()), dead).ExpectSuccess();
        string file = $"{OurPlugins.Tag(_network.Name, dead)}.json";
        Assert.Contains(file, Records(node.Sandbox));
        dead.Delete();
        // The kernel destroys the pair some time after its namespace.
        Assert.True(SpinWait.SpinUntil(
            () => node.FindLink(OurPlugins.HostInterface(_network.Name, dead)) is null, TimeSpan.FromSeconds(30)));

        _ = node.Plugin.Add("ptp", ptp, node.NewPod()).ExpectSuccess();
        Assert.DoesNotContain(file, Records(node.Sandbox));
    }
}
