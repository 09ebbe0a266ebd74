using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>Pods that are alive though nothing of what ADD made can be seen in them, and dead ones that have left something.</summary>
public sealed class LivingTests : IDisposable
{
    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    // Virtual machines that are bridged to it, DPDK, an eth0 that somebody has renamed.
    [Theory]
    [InlineData("ip address flush dev eth0")]
    [InlineData("ip link set eth0 down name moved")]
    [InlineData("ip link delete eth0")]
    public void A_pod_whose_interface_was_taken_keeps_its_address(string command)
    {
        string config = _network.Config(from: 10, to: 10);
        Pod pod = _network.Attach("pod", config), other = Pod.Create(_network.Sandbox, "other");
        _ = pod.Run("sh", "-c", command);

        _ = _network.Plugin.Add("bridge", config, other).ExpectError(code: 102);
        _ = _network.Plugin.Run("bridge", "ADD", config, other.ContainerId, other.Netns, "eth0", args: "IgnoreUnknown=1;IP=10.35.0.10")
            .ExpectError(code: 103);

        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        _ = _network.Plugin.Add("bridge", config, other).ExpectSuccess();
    }

    [Fact]
    public void A_virtual_machine_keeps_its_address()
    {
        string config = _network.Config(from: 10, to: 10)
            .Replace("\"bridge\": \"cni0\", \"isGateway\": true, \"ipMasq\": true,", "", StringComparison.Ordinal)
            .Replace("\"type\": \"bridge\"", "\"type\": \"host-local\"", StringComparison.Ordinal);
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        _ = _network.Plugin.Run("host-local", "ADD", config, "machine", "vm", "eth0").ExpectSuccess();

        _ = _network.Plugin.Add("host-local", config, pod).ExpectError(code: 102);
        _ = _network.Plugin.Run("host-local", "ADD", config, pod.ContainerId, pod.Netns, "eth0", args: "IP=10.35.0.10")
            .ExpectError(code: 103);
    }

    // Two runtimes, one of which sees other mounts: the path of the first's pod means nothing to the second.
    [Fact]
    public void A_pod_of_a_runtime_in_another_mount_namespace_keeps_its_address()
    {
        _ = _network.Sandbox.Run("sh", "-euc", "ip link add uplink type veth peer name far; ip link set uplink up; ip link set far up");
        string config = _network.Config(from: 10, to: 10, bridge: """, "master": "uplink" """)
            .Replace(
                "\"type\": \"bridge\", \"bridge\": \"cni0\", \"isGateway\": true, \"ipMasq\": true",
                "\"type\": \"macvlan\"",
                StringComparison.Ordinal);
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        _ = _network.Plugin.Add("macvlan", config, pod).ExpectSuccess();
        string file = _network.Sandbox.WriteFile("macvlan.json", config);

        string answer = _network.Sandbox.TryRun("unshare", "--mount", "sh", "-euc", $"""
            umount --lazy /run/netns; mount -t tmpfs tmpfs /run/netns
            ip netns add second
            CNI_COMMAND=ADD CNI_CONTAINERID=second CNI_NETNS=/run/netns/second CNI_IFNAME=eth0 \
              CNI_PATH={_network.Plugin.Directory} {_network.Plugin.Directory}/macvlan <{file}
            """).Expect(exitCode: 1).Output;

        Assert.Contains("\"code\": 102", answer, StringComparison.Ordinal);
        _ = _network.Plugin.Delete("macvlan", config, pod).ExpectSuccess();
    }

    // podman restarts a container that has crashed.
    [Fact]
    public void What_a_dead_attachment_has_left_goes_when_its_key_lives_again()
    {
        string config = _network.Config(from: 10, to: 11);
        Pod pod = _network.Attach("pod", config);
        string first = pod.Address();
        pod.Delete();
        Pod again = new(_network.Sandbox, pod.ContainerId, Pod.Create(_network.Sandbox, "again").Netns);
        _ = _network.Plugin.Add("bridge", config, again).ExpectSuccess();
        Assert.NotEqual(first, again.Address());
        Assert.DoesNotContain(first, _network.Sandbox.Run("nft", "list", "table", "inet", "cniplugin"), StringComparison.Ordinal);

        _ = _network.Plugin.Delete("bridge", config, again).ExpectSuccess();

        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
        Pod[] late = [_network.Attach("late1", config), _network.Attach("late2", config)];
        Assert.Contains(first, late.Select(static next => next.Address()));
    }

    [Fact]
    public void A_namespace_that_anybody_has_made_costs_no_address()
    {
        string config = _network.Config(from: 10, to: 11);
        using RunningCommand user = _network.Sandbox.Start(
        [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "-Urn", "sh", "-euc",
            "for i in 10 11; do ip address add 10.35.0.$i/32 dev lo; done; echo ready; exec sleep 600",
        ]);
        user.WaitForOutput("ready");

        _ = _network.Attach("first", config);
        _ = _network.Attach("second", config);
    }

    [Fact]
    public void One_of_two_who_ask_for_an_address_at_once_gets_it()
    {
        string config = _network.Config();
        Pod[] pods = [Pod.Create(_network.Sandbox, "pod0"), Pod.Create(_network.Sandbox, "pod1")];
        for (int round = 0; round < 12; round++)
        {
            RunningCommand[] adds =
            [
                .. pods.Select(pod =>
                    _network.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", "IgnoreUnknown=1;IP=10.35.0.50")),
            ];
            PluginResult[] results = [.. adds.Select(static add => new PluginResult(add.WaitForExit()))];
            _ = Assert.Single(results, static result => result.ExitCode == 0);
            _ = results.Single(static result => result.ExitCode != 0).ExpectError(code: 103);
            foreach (Pod pod in pods)
                _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        }
    }

    [Fact]
    public void One_of_three_ADDs_of_a_key_at_once_succeeds_and_keeps_what_it_has()
    {
        string config = _network.Config();
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        for (int round = 0; round < 12; round++)
        {
            RunningCommand[] adds =
            [
                .. Enumerable.Range(0, 3).Select(_ => _network.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0")),
            ];
            PluginResult[] results = [.. adds.Select(static add => new PluginResult(add.WaitForExit()))];
            PluginResult winner = Assert.Single(results, static result => result.ExitCode == 0);
            Assert.All(
                results.Where(static result => result.ExitCode != 0),
                static result => Assert.Contains(result.Json.GetProperty("code").GetInt32(), (int[])[11, 103]));
            Assert.Equal([$"{HostileNetwork.AddressOf(winner)} pod eth0"], _network.Leases.Held());
            _ = _network.Plugin.Check("bridge", winner.WithPrevResult(config), pod).ExpectSuccess();
            _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
            NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
        }
    }
}
