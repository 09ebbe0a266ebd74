using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

public sealed class NetworkCommandTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 1);
    private readonly ClusterHost _host;

    public NetworkCommandTests() => _host = _cluster.Hosts[0];

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Pool_that_overlaps_with_a_route_needs_force()
    {
        _ = _host.Run("ip", "route", "add", "10.99.4.0/24", "dev", "eth0");

        AssertRefused(
            ["network", "create", "far", "--pool", "10.99.0.0/16"],
            "pool 10.99.0.0/16 overlaps with 10.99.4.0/24 of this node's routes", "--force");
        Assert.DoesNotContain("far", _host.Ctl("networks").Output, StringComparison.Ordinal);

        _cluster.CreateNetwork("far", "--pool", "10.99.0.0/16", "--force");
        Assert.Contains("10.99.", _host.ReadList("far"), StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_named_with_their_remedy()
    {
        _cluster.CreateNetwork("pods", "--pool", "10.244.0.0/16");

        AssertRefused(
            ["network", "create", "a", "--pool", "10.1.0.0/16", "--backend", "ipip"], "\"ipip\"", "use auto, vxlan, host-gw or wireguard");
        AssertRefused(["network", "create", "a", "--pool", "10.1.0.0/33"], "\"10.1.0.0/33\"", "no prefix");
        AssertRefused(["network", "create", "a", "--pool", "10.1.2.0/16"], "10.1.2.0/16", "write 10.1.0.0/16");
        AssertRefused(["network", "create", "a", "--pool", "10.1.0.0/28"], "block length 26", "use 28 to 32");
        AssertRefused(["network", "create", "A", "--pool", "10.1.0.0/16"], "\"A\"", "lower-case");
        AssertRefused(["network", "create", "pods", "--pool", "10.1.0.0/16"], "network pods exists", "another name");
        AssertRefused(["network", "create", "a", "--pool", "10.244.8.0/24"], "10.244.0.0/16 of network pods", "choose another pool");
        AssertRefused(["network", "delete", "absent"], "no network absent", "cnictl network list");
        Assert.Equal(2, _host.Ctl("networks").Output.Trim().Split('\n').Length);
    }

    [Fact]
    public void Deleted_network_loses_its_list_and_keeps_blocks_of_which_pods_have_addresses()
    {
        _cluster.CreateNetwork("pods", "--pool", "10.244.0.0/16");
        Pod pod = _host.Attach("pod");
        string list = _host.ReadList("pods")!;
        string blocks = _host.Ctl("blocks").Output;

        _ = _host.Ctl("network", "delete", "pods").Expect(exitCode: 0);

        ClusterSandbox.Until("the list is gone", () => _host.ReadList("pods") is null, _host.Describe);
        ClusterSandbox.Until(
            "the network is gone", () => !_host.Ctl("networks").Output.Contains("pods", StringComparison.Ordinal), _host.Describe);
        Assert.Equal(blocks, _host.Ctl("blocks").Output);
        Assert.Contains("10.244.", blocks, StringComparison.Ordinal);
        pod.AssertReaches("10.244.0.1");
        // With the list that the runtime has kept.
        _host.Detach("pod", list);
    }

    /// <summary>One line on standard error, and an exit status for scripts.</summary>
    private void AssertRefused(string[] command, params string[] parts)
    {
        CommandResult refused = _host.Ctl(command).Expect(exitCode: 1);
        Assert.StartsWith("cnictl: ", refused.Error, StringComparison.Ordinal);
        _ = Assert.Single(refused.Error.Trim().Split('\n'));
        Assert.All(parts, part => Assert.Contains(part, refused.Error, StringComparison.Ordinal));
    }
}
