using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>Limits that the kernel or a caller sets end a call with one JSON answer that names them, and with nothing left.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void Stdin_without_end_is_refused()
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        string message = new PluginResult(Call(pod, "ADD", "cat $CONFIG /dev/zero | bridge")).ExpectError(code: 5);
        Assert.Contains("stdin: read more than 16777216 bytes", message, StringComparison.Ordinal);
    }

    // Of LiteDB's files the first page is 8 KiB.
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(20_000)]
    public void Limit_of_file_sizes_fails_the_write_and_not_the_process(int bytes)
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        CommandResult result = Call(pod, "ADD", $"prlimit --fsize={bytes} $CNI_PATH/bridge <$CONFIG");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("EFBIG", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", result.Output, StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
        _ = _network.Plugin.Delete("bridge", _network.Config(), pod).ExpectSuccess();
        Assert.DoesNotContain("veth", _network.Sandbox.Run("ip", "-o", "link"), StringComparison.Ordinal);
    }

    /// <summary>Threads and processes count for a control group, whoever the user is.</summary>
    [Fact]
    public void Limit_of_threads_answers_try_again_and_leaves_nothing()
    {
        const string Group = "/sys/fs/cgroup/pids";
        Assert.SkipUnless(File.Exists($"{Group}/cgroup.procs"), "needs the controller pids of cgroup version 1");
        string group = $"{Group}/{_network.Sandbox.Name}";
        _ = Directory.CreateDirectory(group);
        int refused = 0;
        try
        {
            for (int limit = 1; limit <= 6; limit++)
            {
                Pod pod = Pod.Create(_network.Sandbox, $"pod{limit}");
                File.WriteAllText($"{group}/pids.max", $"{limit}");
                CommandResult result = Call(pod, "ADD", $"bash -c 'echo $$ >{group}/cgroup.procs; exec $CNI_PATH/bridge <$CONFIG'");
                if (result.ExitCode == 0)
                {
                    _ = _network.Plugin.Delete("bridge", _network.Config(), pod).ExpectSuccess();
                    continue;
                }
                // With a single one not even the runtime's own threads can be made.
                if (result.Output.Length == 0)
                {
                    Assert.Equal(1, limit);
                    continue;
                }
                Assert.Contains("start a thread", new PluginResult(result).ExpectError(code: 11), StringComparison.Ordinal);
                NodeState.Of(_network.Sandbox).AssertNoTraceOf($" pod{limit} ");
                refused++;
            }
        }
        finally
        {
            Directory.Delete(group);
        }
        Assert.InRange(refused, 1, 5);
        Assert.Empty(_network.Leases.Held());
    }

    private CommandResult Call(Pod pod, string command, string script)
    {
        string config = _network.Sandbox.WriteFile("config.json", _network.Config());
        return _network.Sandbox.TryRun("bash", "-c", $"""
            export CNI_COMMAND={command} CNI_CONTAINERID={pod.ContainerId} CNI_NETNS={pod.Netns} CNI_IFNAME={pod.InterfaceName}
            export CNI_PATH={_network.Plugin.Directory}
            export PATH=$CNI_PATH:$PATH CONFIG={config}
            {script}
            """);
    }
}
