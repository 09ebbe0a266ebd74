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
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        PluginResult bridge = _network.Plugin.Add("bridge", _network.Config(), pod).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(_network.Sandbox);
        string config = bridge.WithPrevResult(
            $$"""{ "cniVersion": "1.1.0", "name": "{{HostileNetwork.Name}}", "type": "bandwidth", {{BandwidthTests.Both}} }""");

        new KillRounds(_network.Sandbox, _network.Plugin, verb, Kills, "bandwidth").Run(config, [pod], attached: pod.ContainerId);

        HostSnapshot.Of(_network.Sandbox).AssertSameAs(before);
        pod.AssertReaches(HostileNetwork.Gateway);
    }
}
