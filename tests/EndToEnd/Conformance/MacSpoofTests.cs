using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary><c>macspoofchk</c> as the published binary does it.</summary>
public sealed class MacSpoofTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Guarded = """ "isDefaultGateway": true, "macspoofchk": true """;
    private const string Forged = "02:00:00:00:00:66";

    [Fact]
    public void Pod_is_heard_from_its_own_mac_only()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Guarded);
        (Pod pod, _) = node.Attach(config);
        (Pod peer, _) = node.Attach(config);
        pod.AssertReaches(network.Gateway4);
        pod.AssertReaches(peer.Address());
        peer.AssertReaches(pod.Address());

        // A device on top of its own interface sends from another address, while eth0 keeps its own.
        _ = pod.Run("ip", "link", "add", "forged", "link", "eth0", "address", Forged, "type", "macvlan", "mode", "bridge");
        _ = pod.Run("ip", "address", "add", $"10.{network.Number}.0.99/32", "dev", "forged");
        _ = pod.Run("ip", "link", "set", "forged", "up");
        Assert.NotEqual(0, pod.TryRun("ping", "-n", "-c1", "-W1", "-I", "forged", network.Gateway4).ExitCode);
        _ = pod.Run("ip", "link", "delete", "forged");
        pod.AssertReaches(network.Gateway4);

        _ = pod.Run("ip", "link", "set", "eth0", "address", Forged);
        pod.AssertDoesNotReach(network.Gateway4);
        peer.AssertReaches(network.Gateway4);
    }

    [Theory]
    [InlineData("with result")]
    [InlineData("without")]
    [InlineData("without namespace")]
    [InlineData("another configuration")]
    [InlineData("gc")]
    public void What_guards_a_port_goes_with_it(string situation)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Guarded);
        (Pod kept, PluginResult result) = node.Attach(config);
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        (Pod pod, PluginResult added) = node.Attach(config);
        Assert.Contains(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);

        if (situation == "gc")
        {
            string valid = config.Insert(
                config.LastIndexOf('}'),
                $$""", "cni.dev/valid-attachments": [{ "containerID": "{{kept.ContainerId}}", "ifname": "eth0" }]""");
            _ = node.Plugin.Run("bridge", "GC", valid).ExpectSuccess();
        }
        else
        {
            string behind = situation switch
            {
                "with result" => added.WithPrevResult(config),
                "another configuration" => network.Config(),
                _ => config,
            };
            for (int round = 0; round < 2; round++)
            {
                _ = node.Plugin.Run("bridge", "DEL", behind, pod.ContainerId, situation == "without namespace" ? "" : pod.Netns, "eth0")
                    .ExpectSuccess();
            }
        }

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Check(config, kept, result).ExpectSuccess();
    }

    [Fact]
    public void Add_that_is_killed_leaves_no_guard_behind_its_del()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Guarded);
        (Pod pod, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        NodeState before = NodeState.Of(node.Sandbox);

        for (int round = 0; round < 30; round++)
        {
            using RunningCommand add = node.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(round * 0.5));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
            NodeState.Of(node.Sandbox).AssertSameAs(before);
        }
    }
}
