using System.Diagnostics;
using EndToEnd.Sandbox;

namespace EndToEnd;

/// <summary>Pods on interfaces of the node, without a bridge: what they reach, and what is left when a call is killed.</summary>
public sealed class LinkTests : IDisposable
{
    private const string Ipam = """
        "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.40.0.0/24" }], [{ "subnet": "fd00:40::/64" }]] }
        """;

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly PluginProcess _plugin;

    public LinkTests()
    {
        _plugin = new PluginProcess(_sandbox);
        _ = _sandbox.Run("sh", "-euc", "ip link add up0 type veth peer name outside0; ip link set up0 up; ip link set outside0 up");
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void The_first_ping_of_a_macvlan_is_answered_at_once()
    {
        string config = Config("macvlan", "\"master\": \"up0\"");
        Pod first = Add(config, "macvlan", "first");
        Pod second = Add(config, "macvlan", "second");

        second.AssertReaches("fd00:40::2");
        second.AssertReaches("10.40.0.2");
        first.AssertReaches("fd00:40::3");
    }

    [Theory]
    [InlineData("macvlan", "\"master\": \"up0\"")]
    [InlineData("tap", "\"owner\": 1000, \"group\": 1000")]
    [InlineData("host-device", "\"device\": \"up0\"")]
    public void Nothing_is_left_of_a_killed_call_after_the_next_del(string type, string keys)
    {
        const int Kills = 40;
        string config = Config(type, keys);
        Pod pod = Pod.Create(_sandbox, "killed");
        // The first one makes what stays, and tells how long a call takes.
        long start = Stopwatch.GetTimestamp();
        _ = _plugin.Add(type, config, pod).ExpectSuccess();
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        _ = _plugin.Delete(type, config, pod).ExpectSuccess();
        NodeState before = NodeState.Of(_sandbox);

        for (int kill = 0; kill < Kills; kill++)
        {
            foreach (string verb in (string[])["ADD", "DEL"])
            {
                using RunningCommand call = _plugin.Start(type, verb, config, pod.ContainerId, pod.Netns, pod.InterfaceName);
                call.KillAfter(duration * kill / Kills);
                _ = call.WaitForExit();
            }

            _ = _plugin.Delete(type, config, pod).ExpectSuccess();
            Assert.NotEqual(0, pod.TryRun("ip", "link", "show", "dev", "eth0").ExitCode);
        }

        NodeState.Of(_sandbox).AssertSameAs(before);
        _ = _plugin.Add(type, config, pod).ExpectSuccess();
    }

    private static string Config(string type, string keys) =>
        $$"""{ "cniVersion": "1.1.0", "name": "links", "type": "{{type}}", {{keys}}, {{Ipam}} }""";

    private Pod Add(string config, string type, string name)
    {
        Pod pod = Pod.Create(_sandbox, name);
        _ = _plugin.Add(type, config, pod).ExpectSuccess();
        return pod;
    }
}
