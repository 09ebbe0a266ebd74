using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary>The verbs and situations that no runtime here brings about: the binary executed as libcni executes it.</summary>
public sealed class DirectPluginTests : IDisposable
{
    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly PluginProcess _plugin;

    public DirectPluginTests() => _plugin = new PluginProcess(_sandbox);

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void An_attachment_is_added_checked_and_deleted()
    {
        Pod pod = Pod.Create(_sandbox, "pod");
        string config = Config("1.0.0");

        PluginResult added = _plugin.Add("bridge", config, pod).ExpectSuccess();
        PluginResult checked_ = _plugin.Check("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        PluginResult deleted = _plugin.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();

        Assert.Equal("1.0.0", added.Json.GetProperty("cniVersion").GetString());
        Assert.Empty(checked_.Output);
        Assert.Empty(deleted.Output);
    }

    [Fact]
    public void Status_is_ready_and_leaves_no_state()
    {
        NodeState before = NodeState.Of(_sandbox);

        PluginResult status = _plugin.Run("bridge", "STATUS", Config("1.1.0")).ExpectSuccess();

        Assert.Empty(status.Output);
        NodeState.Of(_sandbox).AssertSameAs(before);
    }

    // checklist.txt, C64.
    [Fact]
    public void Status_is_not_ready_without_the_delegate()
    {
        string config = Config("1.1.0").Replace("host-local", "absent", StringComparison.Ordinal);

        Assert.Contains("absent", _plugin.Run("bridge", "STATUS", config).ExpectError(code: 50), StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_collection_removes_what_is_not_listed_and_nothing_else()
    {
        string config = Config("1.1.0");
        Pod kept = Pod.Create(_sandbox, "kept");
        _ = _plugin.Add("bridge", config, kept).ExpectSuccess();
        NodeState before = NodeState.Of(_sandbox);
        Pod lost = Pod.Create(_sandbox, "lost");
        _ = _plugin.Add("bridge", config, lost).ExpectSuccess();
        lost.Delete();

        string valid = config.Insert(
            config.LastIndexOf('}'), $$""", "cni.dev/valid-attachments": [{ "containerID": "{{kept.ContainerId}}", "ifname": "eth0" }]""");
        _ = _plugin.Run("bridge", "GC", valid).ExpectSuccess();

        NodeState.Of(_sandbox).AssertSameAs(before);
        kept.AssertReaches("10.35.0.1");
    }

    [Fact]
    public void Every_verb_works_in_a_chroot_that_holds_nothing_else()
    {
        string root = Path.Combine(_sandbox.Directory, "root");
        _ = _sandbox.Run("sh", "-euc", """
            mkdir -p "$1/proc" "$1/sys" "$1/run" "$1/bin"
            mount --rbind /proc "$1/proc"
            mount --rbind /sys "$1/sys"
            mount --rbind /run "$1/run"
            mount --bind "$2" "$1/bin"
            """, "sh", root, _sandbox.Plugins.Path);
        PluginProcess chrooted = new(_sandbox) { Root = root, Directory = "/bin" };
        Pod pod = Pod.Create(_sandbox, "pod");
        string config = Config("1.1.0");

        PluginResult added = chrooted.Add("bridge", config, pod).ExpectSuccess();
        _ = chrooted.Check("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        pod.AssertReaches("10.35.0.1");
        _ = chrooted.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = chrooted.Run("bridge", "STATUS", config).ExpectSuccess();
        _ = chrooted.Run("bridge", "GC", config).ExpectSuccess();
        _ = chrooted.Run("bridge", "VERSION", """{ "cniVersion": "1.1.0" }""").ExpectSuccess();
    }

    // checklist.txt, C41.
    [Fact]
    public void Parallel_adds_on_a_new_bridge_all_succeed_with_addresses_of_their_own()
    {
        Pod[] pods = [.. Enumerable.Range(0, 20).Select(number => Pod.Create(_sandbox, $"pod{number}"))];
        string config = Config("1.0.0");

        RunningCommand[] running =
            [.. pods.Select(pod => _plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, pod.InterfaceName))];
        string?[] addresses =
        [
            .. running.Select(command => new PluginResult(command.WaitForExit()).ExpectSuccess())
                .Select(result => result.Json.GetProperty("ips")[0].GetProperty("address").GetString()),
        ];

        Assert.Equal(pods.Length, addresses.Distinct().Count());
        using JsonDocument bridge = JsonDocument.Parse(_sandbox.Run("ip", "-json", "-4", "address", "show", "dev", "cni0"));
        Assert.Equal(1, bridge.RootElement[0].GetProperty("addr_info").GetArrayLength());
        foreach (RunningCommand command in running)
            command.Dispose();
    }

    // checklist.txt, C42.
    [Fact]
    public void A_killed_add_leaves_nothing_after_its_del_and_no_address_is_lost()
    {
        Pod[] pods = [.. Enumerable.Range(0, 3).Select(number => Pod.Create(_sandbox, $"pod{number}"))];
        string config = Config("1.0.0", """, "rangeStart": "10.35.0.10", "rangeEnd": "10.35.0.12" """);
        _ = _plugin.Add("bridge", config, pods[0]).ExpectSuccess();
        _ = _plugin.Delete("bridge", config, pods[0]).ExpectSuccess();
        NodeState before = NodeState.Of(_sandbox);

        Random random = new(Seed: 1);
        for (int round = 0; round < 50; round++)
        {
            using RunningCommand add = _plugin.Start("bridge", "ADD", config, pods[0].ContainerId, pods[0].Netns, pods[0].InterfaceName);
            add.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 20));
            _ = add.WaitForExit();
            _ = _plugin.Delete("bridge", config, pods[0]).ExpectSuccess();
            NodeState.Of(_sandbox).AssertSameAs(before);
        }

        foreach (Pod pod in pods)
            _ = _plugin.Add("bridge", config, pod).ExpectSuccess();
        Assert.Equal(pods.Length, pods.Select(pod => pod.Address()).Distinct().Count());
    }

    private static string Config(string version, string range = "") => $$"""
        {
          "cniVersion": "{{version}}", "name": "direct", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true,
          "ipam": { "type": "host-local", "subnet": "10.35.0.0/24"{{range}} }
        }
        """;
}
