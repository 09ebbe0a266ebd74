using EndToEnd.Conformance;
using EndToEnd.Hostile;
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
        FirewallNetwork firewall = new(_node, _node.NewNetwork(), "\"ingressPolicy\": \"isolated\"");
        (Pod bystander, string kept) = firewall.Attach();
        (Pod pod, string config) = firewall.Attach();
        Assert.Empty(_node.Plugin.Delete("firewall", config, pod).ExpectSuccess().Output);
        NodeState before = NodeState.Of(_node.Sandbox);

        new KillRounds(_node.Sandbox, _node.Plugin, verb, Kills, "firewall").Run(config, [pod]);

        NodeState.Of(_node.Sandbox).AssertSameAs(before);
        Assert.Empty(_node.Plugin.Check("firewall", kept, bystander).ExpectSuccess().Output);
    }
}
