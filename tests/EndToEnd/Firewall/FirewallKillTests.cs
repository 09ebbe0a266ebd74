using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd.Firewall;

/// <summary>SIGKILL at any instant of ADD and DEL: what is left goes with the next DEL.</summary>
public sealed class FirewallKillTests : IDisposable
{
    private const int Kills = 100;

    private readonly ConformanceNode _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    public void Nothing_is_left_of_a_killed_call_after_the_next_del(string verb)
    {
        int seed = Random.Shared.Next(short.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        FirewallNetwork firewall = new(_node, _node.NewNetwork(), "\"ingressPolicy\": \"isolated\"");
        (Pod bystander, string kept) = firewall.Attach();
        (Pod pod, string config) = firewall.Attach();
        Assert.Empty(_node.Plugin.Delete("firewall", config, pod).ExpectSuccess().Output);
        NodeState before = NodeState.Of(_node.Sandbox);
        string file = _node.Sandbox.WriteFile("config.json", config);

        using RunningCommand rounds = _node.Sandbox.Start(
            ["bash", Path.Combine(AppContext.BaseDirectory, "Hostile", "kill-rounds.sh"), file, "lane", verb, $"{Kills}", $"{seed}", "firewall"],
            new Dictionary<string, string>
            {
                ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
                ["CNI_PATH"] = _node.Plugin.Directory,
                ["CNI_NETNS"] = pod.Netns,
                ["CNI_IFNAME"] = pod.InterfaceName,
            });
        string[] outcomes = rounds.WaitForExit().Expect(exitCode: 0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal([], outcomes.Where(outcome => outcome is not ("killed" or "finished")));
        Assert.Equal(Kills, outcomes.Count(outcome => outcome == "killed"));
        NodeState.Of(_node.Sandbox).AssertSameAs(before);
        Assert.Empty(_node.Plugin.Check("firewall", kept, bystander).ExpectSuccess().Output);
    }
}
