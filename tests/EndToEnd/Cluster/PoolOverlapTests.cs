using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>Another network appears on a host, inside of a pool of the cluster: docker's, for example.</summary>
public sealed class PoolOverlapTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Overlap_that_appears_is_said_and_what_runs_is_left_alone()
    {
        _cluster.CreatePods("vxlan");
        (ClusterHost first, ClusterHost second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        Pod one = first.Attach("one"), two = second.Attach("two");
        string[] before = [.. _cluster.Hosts.Select(static host => host.Datapath())];
        using EndlessPing ping = EndlessPing.Start(_cluster.Sandbox, one, two.Address());

        // No node's block is there.
        _ = second.Script("ip link add docker0 type bridge; ip address add 10.244.255.1/24 dev docker0; ip link set docker0 up");
        ClusterSandbox.Until(
            "the host says so",
            () => second.Status().Contains(
                "problem: pool 10.244.0.0/16 overlaps with 10.244.255.0/24 of this node's routes (dev docker0)", StringComparison.Ordinal),
            second.Describe);
        Assert.Contains("\nall is well\n", first.Status(), StringComparison.Ordinal);
        Assert.Equal(before, _cluster.Hosts.Select(static host => host.Datapath()));

        _ = second.Run("ip", "link", "delete", "docker0");
        _cluster.WaitUntilAllIsWell();
        ping.AssertNothingLost();
        Assert.Equal(before, _cluster.Hosts.Select(static host => host.Datapath()));
    }
}
