using EndToEnd.Conformance;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd;

/// <summary>
/// <c>sbr</c> behind <c>bridge</c> on a pod with two interfaces: packets, parallel attachments, kills, and the switch from the reference.
/// </summary>
public sealed class SbrTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private readonly TestNetwork _first = node.NewNetwork();
    private readonly TestNetwork _second = node.NewNetwork();

    private static string Bridge(TestNetwork network) => network.Config(""" "isDefaultGateway": true """, network.Ipam("dual"));

    private static string Sbr(TestNetwork network, string members = """ "x": 1 """) =>
        $$"""{ "cniVersion": "1.1.0", "name": "{{network.Name}}", "type": "sbr", {{members}} }""";

    private PluginResult Add(Pod pod, TestNetwork network, string interfaceName)
    {
        PluginResult made = node.Plugin.Run("bridge", "ADD", Bridge(network), pod.ContainerId, pod.Netns, interfaceName).ExpectSuccess();
        return node.Plugin.Run("sbr", "ADD", made.WithPrevResult(Sbr(network)), pod.ContainerId, pod.Netns, interfaceName).ExpectSuccess();
    }

    private static string[] Rules(Pod pod) => [.. ((string[])["-4", "-6"])
        .SelectMany(family => pod.Run("ip", family, "rule", "show").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        .Where(line => !line.Contains("from all", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())];

    private static string State(Pod pod) =>
        string.Join('\n', Rules(pod).Concat(ConformanceNode.Routes(pod)).Concat(ConformanceNode.Routes(pod, IpFamily.IPv6)
        .Where(line =>
            !line.Contains("fe80", StringComparison.Ordinal)
                && !line.Contains("table local", StringComparison.Ordinal)
                && !line.Contains("ff00", StringComparison.Ordinal))));

    [Fact]
    public void Each_interface_answers_by_itself()
    {
        Pod pod = node.NewPod();
        _ = Add(pod, _first, "eth0");
        PluginResult second = Add(pod, _second, "eth1");

        Assert.Equal(4, Rules(pod).Length);
        foreach (
            string source in _first.FirstAddresses("dual").Concat(_second.FirstAddresses("dual")).Select(address => address.Split('/')[0]))
        {
            bool isFirst = _first.FirstAddresses("dual").Any(address => address.StartsWith(source + "/", StringComparison.Ordinal));
            string route = pod.Run(
                "ip", "route", "get", source.Contains(':', StringComparison.Ordinal) ? "2001:db8::1" : "192.0.2.1", "from", source);
            Assert.Contains($"dev {(isFirst ? "eth0" : "eth1")} ", route, StringComparison.Ordinal);
        }
        // Off the subnet: the node's other bridge, from either address.
        _ = pod.Run("ping", "-n", "-c1", "-W2", "-I", $"10.{_second.Number}.0.2", _first.Gateway4);
        _ = node.Plugin.Run("sbr", "CHECK", second.WithPrevResult(Sbr(_second)), pod.ContainerId, pod.Netns, "eth1").ExpectSuccess();
        _ = node.Plugin.Run("bridge", "CHECK", second.WithPrevResult(Bridge(_second)), pod.ContainerId, pod.Netns, "eth1").ExpectSuccess();

        _ = node.Plugin.Run("sbr", "DEL", Sbr(_second), pod.ContainerId, pod.Netns, "eth1").ExpectSuccess();
        Assert.Equal(2, Rules(pod).Length);
        Assert.All(Rules(pod), rule => Assert.Contains($"{_first.Number}", rule, StringComparison.Ordinal));
        _ = node.Plugin.Run("sbr", "DEL", Sbr(_first), pod.ContainerId, pod.Netns, "eth0").ExpectSuccess();
        Assert.Empty(Rules(pod));
    }

    [Fact]
    public void Parallel_attachments_of_one_pod_get_tables_of_their_own()
    {
        Pod pod = node.NewPod();
        string[] names = [.. Enumerable.Range(0, 6).Select(number => $"eth{number}")];
        string[] inputs = [.. names.Select(name =>
            node.Plugin.Run("bridge", "ADD", _first.Config(ipam: _first.Ipam("v4")), pod.ContainerId, pod.Netns, name)
                .ExpectSuccess()
                .WithPrevResult(Sbr(_first)))];

        RunningCommand[] running =
        [
            .. names.Zip(inputs, (name, input) => node.Plugin.Start("sbr", "ADD", input, pod.ContainerId, pod.Netns, name)),
        ];
        foreach (RunningCommand command in running)
        {
            _ = new PluginResult(command.WaitForExit()).ExpectSuccess();
            command.Dispose();
        }

        Assert.Equal(names.Length, Rules(pod).Select(rule => rule.Split("lookup ")[1]).Distinct().Count());
    }

    // checklist.txt, C42.
    [Fact]
    public void Killed_ADD_is_taken_back_by_DEL()
    {
        Pod pod = node.NewPod();
        PluginResult made = node.Plugin.Add("bridge", Bridge(_first), pod).ExpectSuccess();
        string input = made.WithPrevResult(Sbr(_first));
        Random random = new(Seed: 1);
        for (int round = 0; round < 30; round++)
        {
            using RunningCommand add = node.Plugin.Start("sbr", "ADD", input, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 12));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("sbr", Sbr(_first), pod).ExpectSuccess();
            Assert.Empty(Rules(pod));
            Assert.DoesNotContain("table 10", State(pod), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/run/netns/absent")]
    public void DEL_without_a_namespace_makes_no_file(string netns)
    {
        _ = node.Plugin.Run("sbr", "DEL", Sbr(_first), "c1", netns, "eth0").ExpectSuccess();
        Assert.NotEqual(0, node.Sandbox.TryRun("test", "-e", "/run/netns/absent").ExitCode);
    }

    [Fact]
    public void Rules_of_the_reference_are_found_and_the_other_way_round()
    {
        PluginProcess reference = PluginProcess.OfReference(node.Sandbox, "sbr");
        Pod pod = node.NewPod();
        string config = Sbr(_first).Replace("1.1.0", "1.0.0", StringComparison.Ordinal);
        PluginResult made = node.Plugin.Add("bridge", _first.Config(""" "isDefaultGateway": true """, version: "1.0.0"), pod)
            .ExpectSuccess();

        PluginResult added = reference.Add("sbr", made.WithPrevResult(config), pod).ExpectSuccess();
        string[] theirs = Rules(pod);
        _ = node.Plugin.Check("sbr", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = node.Plugin.Delete("sbr", config, pod).ExpectSuccess();
        Assert.Empty(Rules(pod));

        Pod other = node.NewPod();
        PluginResult otherMade = node.Plugin.Add("bridge", _first.Config(""" "isDefaultGateway": true """, version: "1.0.0"), other)
            .ExpectSuccess();
        _ = node.Plugin.Add("sbr", otherMade.WithPrevResult(config), other).ExpectSuccess();
        Assert.Equal(theirs.Length, Rules(other).Length);
        _ = reference.Delete("sbr", config, other).ExpectSuccess();
        Assert.Empty(Rules(other));
    }
}
