using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>Calls of a plugin that are killed at random moments, each followed by a DEL (<c>kill-rounds.sh</c>).</summary>
/// <param name="Sandbox">Where.</param>
/// <param name="Plugin">Whose plugins.</param>
/// <param name="Verb">What is killed: ADD or DEL.</param>
/// <param name="Kills">How often.</param>
/// <param name="Type">The plugin.</param>
public sealed record KillRounds(RuntimeSandbox Sandbox, PluginProcess Plugin, string Verb, int Kills, string Type = "bridge")
{
    private readonly int _seed = Random.Shared.Next(short.MaxValue);

    /// <summary>Kills calls in several pods at the same time; every kill must hit, and every DEL must succeed in silence.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pods">Whose namespaces the calls are about.</param>
    /// <param name="attached">The container that another plugin has attached; null if each round has one of its own.</param>
    public void Run(string config, IReadOnlyList<Pod> pods, string? attached = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}");
        string file = Sandbox.WriteFile("config.json", config);
        RunningCommand[] running = [.. pods.Select((pod, number) => Start(file, pod, _seed + number, attached))];
        try
        {
            string[] outcomes =
            [
                .. running.SelectMany(
                    lane => lane.WaitForExit().Expect(exitCode: 0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            ];

            Assert.Equal([], outcomes.Where(outcome => outcome is not ("killed" or "finished")));
            Assert.Equal(pods.Count * Kills, outcomes.Count(outcome => outcome == "killed"));
        }
        finally
        {
            foreach (RunningCommand lane in running)
                lane.Dispose();
        }
    }

    private RunningCommand Start(string file, Pod pod, int seed, string? attached)
    {
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
            ["CNI_PATH"] = Plugin.Directory,
            ["CNI_NETNS"] = pod.Netns,
            ["CNI_IFNAME"] = pod.InterfaceName,
        };
        if (attached is not null)
            environment["CONTAINER"] = attached;
        string script = Path.Combine(AppContext.BaseDirectory, "Hostile", "kill-rounds.sh");
        return Sandbox.Start(["bash", script, file, pod.ContainerId, Verb, $"{Kills}", $"{seed}", Type], environment);
    }
}
