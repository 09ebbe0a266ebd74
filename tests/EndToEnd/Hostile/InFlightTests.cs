using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// ADDs that are running, or were killed at one of their system calls, on a range of a single address: who lives keeps it, what is left
/// goes.
/// </summary>
public sealed class InFlightTests : IDisposable
{
    private const string Address = "10.35.0.10";

    private readonly HostileNetwork _network = new();
    private readonly string _config;

    public InFlightTests() => _config = _network.Config(from: 10, to: 10);

    public void Dispose() => _network.Dispose();

    /// <summary>What no ADD leaves when it has ended.</summary>
    private IEnumerable<string> Marks => Directory.EnumerateFiles(_network.Leases.Directory, "adding-*");

    // It has its address, and no interface yet: the lock of the bridge is held.
    [Fact]
    public void An_ADD_that_is_running_keeps_its_address()
    {
        Pod first = Pod.Create(_network.Sandbox, "first"), other = Pod.Create(_network.Sandbox, "other");
        // What all pods share is there.
        _ = _network.Plugin.Add("bridge", _config, other).ExpectSuccess();
        _ = _network.Plugin.Delete("bridge", _config, other).ExpectSuccess();
        using RunningCommand bridge = HoldBridge(out RunningCommand add, first);
        using (add)
        {
            string elsewhere = _config.Replace("cni0", "cni1", StringComparison.Ordinal);
            Assert.Contains("1 of 1", _network.Plugin.Add("bridge", elsewhere, other).ExpectError(code: 102), StringComparison.Ordinal);
            string requested = _network.Plugin.Run(
                "bridge", "ADD", elsewhere, other.ContainerId, other.Netns, "eth0", args: $"IgnoreUnknown=1;IP={Address}")
                .ExpectError(code: 103);
            Assert.Contains(Address, requested, StringComparison.Ordinal);
            // The same once more, and a DEL and a GC of a runtime that does not wait.
            _ = _network.Plugin.Add("bridge", _config, first).ExpectError(code: 11);
            _ = _network.Plugin.Delete("bridge", _config, first).ExpectError(code: 11);
            _ = _network.Plugin.Run("host-local", "GC", _config).ExpectSuccess();
            Assert.Equal([$"{Address} first eth0"], _network.Leases.Held());

            bridge.Kill();
            Assert.Equal(Address, HostileNetwork.AddressOf(new PluginResult(add.WaitForExit()).ExpectSuccess()));
        }
        first.AssertReaches(HostileNetwork.Gateway);
        Assert.Empty(Marks);
        _ = _network.Plugin.Delete("bridge", _config, first).ExpectSuccess();
        Assert.Equal(Address, HostileNetwork.AddressOf(_network.Plugin.Add("bridge", _config, other).ExpectSuccess()));
    }

    [Theory]
    [InlineData("sendto")]
    [InlineData("pwrite64")]
    [InlineData("unlink")]
    public void What_a_killed_ADD_has_taken_is_anybodys(string call)
    {
        Pod killed = Pod.Create(_network.Sandbox, "killed"), other = Pod.Create(_network.Sandbox, "other");
        AddBehindEachKill(killed, call, other, refusal: 102);
    }

    [Theory]
    [InlineData("sendto")]
    [InlineData("pwrite64")]
    [InlineData("unlink")]
    public void A_killed_ADD_can_be_repeated(string call)
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        AddBehindEachKill(pod, call, pod, refusal: 103);
    }

    // The second ADD of a living pod is killed: that says nothing about the first.
    [Theory]
    [InlineData("sendto")]
    [InlineData("pwrite64")]
    public void A_killed_repetition_costs_a_living_pod_nothing(string call)
    {
        Pod pod = _network.Attach("pod", _config), other = Pod.Create(_network.Sandbox, "other");
        for (int number = 1; TryKill(pod, call, number); number++)
        {
            _ = _network.Plugin.Add("bridge", _config, other).ExpectError(code: 102);
            _ = _network.Plugin.Add("bridge", _config, pod).ExpectError(code: 103);
            pod.AssertReaches(HostileNetwork.Gateway);
        }
        _ = _network.Plugin.Delete("bridge", _config, pod).ExpectSuccess();
        AssertNothingIsLeft();
    }

    /// <summary>Starts an ADD that has its address and waits for the bridge.</summary>
    private RunningCommand HoldBridge(out RunningCommand add, Pod pod)
    {
        RunningCommand holder = _network.Sandbox.Start(
            ["flock", "--no-fork", "/run/cni/bridges/cni0.lock", "sh", "-c", "echo held; exec sleep 600"]);
        holder.WaitForOutput("held");
        add = _network.Plugin.Start("bridge", "ADD", _config, pod.ContainerId, pod.Netns, "eth0");
        Assert.True(SpinWait.SpinUntil(() => _network.Leases.Held().Count == 1, TimeSpan.FromMinutes(1)));
        return holder;
    }

    /// <summary>
    /// Kills an ADD at each of its calls; the next ADD succeeds, or is refused because the killed one had done all, which counts as
    /// answered.
    /// </summary>
    private void AddBehindEachKill(Pod killed, string call, Pod next, int refusal)
    {
        for (int number = 1; TryKill(killed, call, number); number++)
        {
            PluginResult added = _network.Plugin.Add("bridge", _config, next);
            if (added.ExitCode != 0)
                _ = added.ExpectError(refusal);
            else
                next.AssertReaches(HostileNetwork.Gateway);
            foreach (Pod pod in (HashSet<Pod>)[killed, next])
                _ = _network.Plugin.Delete("bridge", _config, pod).ExpectSuccess();
            AssertNothingIsLeft();
        }
    }

    /// <summary>Kills an ADD when a thread of it makes a system call for the n-th time; false if none makes that many.</summary>
    private bool TryKill(Pod pod, string call, int number)
    {
        Dictionary<string, string> environment = new()
        {
            ["CNI_COMMAND"] = "ADD",
            ["CNI_CONTAINERID"] = pod.ContainerId,
            ["CNI_NETNS"] = pod.Netns,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = _network.Plugin.Directory,
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        };
        string[] command =
        [
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            $"trace={call}",
            "-e",
            $"inject={call}:signal=SIGKILL:when={number}",
            $"{_network.Plugin.Directory}/bridge",
        ];
        using RunningCommand running = _network.Sandbox.Start(command, environment, _config);
        CommandResult result = running.WaitForExit();
        bool isKilled = result.ExitCode == 128 + 9;
        if (!isKilled && result.ExitCode == 0)
            _ = _network.Plugin.Delete("bridge", _config, pod).ExpectSuccess();
        return isKilled;
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_network.Leases.Held());
        Assert.Empty(Marks);
        NodeState state = NodeState.Of(_network.Sandbox);
        foreach (string name in (string[])[" pod ", " killed ", " other "])
            state.AssertNoTraceOf(name);
    }
}
