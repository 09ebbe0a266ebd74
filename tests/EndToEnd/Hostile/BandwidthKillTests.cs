using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>SIGKILL at any instant of an ADD and DEL of <c>bandwidth</c>: what is left goes with the next DEL.</summary>
public sealed class BandwidthKillTests : IDisposable
{
    private const int Kills = 100;

    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public void Nothing_is_left_of_a_killed_call_after_the_next_del(string verb)
    {
        int seed = Random.Shared.Next(short.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        PluginResult bridge = _network.Plugin.Add("bridge", _network.Config(), pod).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(_network.Sandbox);
        string config = _network.Sandbox.WriteFile("config.json", bridge.WithPrevResult(
            $$"""{ "cniVersion": "1.1.0", "name": "{{HostileNetwork.Name}}", "type": "bandwidth", {{BandwidthTests.Both}} }"""));

        using RunningCommand running = _network.Sandbox.Start(
            ["bash", Path.Combine(AppContext.BaseDirectory, "Hostile", "kill-rounds.sh"), config, "lane", verb, $"{Kills}", $"{seed}", "bandwidth"],
            new Dictionary<string, string>
            {
                ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
                ["CNI_PATH"] = _network.Plugin.Directory,
                ["CNI_NETNS"] = pod.Netns,
                ["CNI_IFNAME"] = pod.InterfaceName,
                ["CONTAINER"] = pod.ContainerId,
            });
        string[] outcomes = running.WaitForExit().Expect(exitCode: 0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal([], outcomes.Where(outcome => outcome is not ("killed" or "finished")));
        Assert.Equal(Kills, outcomes.Count(outcome => outcome == "killed"));
        HostSnapshot.Of(_network.Sandbox).AssertSameAs(before);
        pod.AssertReaches(HostileNetwork.Gateway);
    }
}
