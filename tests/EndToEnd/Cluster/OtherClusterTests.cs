namespace EndToEnd.Cluster;

/// <summary>Two clusters in one etcd.</summary>
public sealed class OtherClusterTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Clusters_do_not_see_each_other_and_a_name_that_may_be_misspelt_is_pointed_out()
    {
        (ClusterHost first, ClusterHost second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        second.KillAgent();
        _ = first.Ctl("network", "create", "pods", "--pool", "10.244.0.0/16").Expect(exitCode: 0);
        ClusterSandbox.Until("the network is there", () => first.ReadList("pods") is not null, first.Describe);
        string list = first.ReadList("pods")!;

        second.StartAgent(options: ["--cluster", "defualt"]);
        ClusterSandbox.Until(
            "the other cluster is named",
            () => second.Status().Contains(
                "problem: cluster is \"defualt\", which has no networks, and the store has the networks of default: if this node belongs "
                + "there, set cluster in agent.yaml", StringComparison.Ordinal),
            second.Describe);
        Assert.DoesNotContain("host1", second.Ctl("nodes").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pods", second.Ctl("networks").Output, StringComparison.Ordinal);

        // It may be another cluster, too: then it has networks of its own, of the same name and pool, even.
        _ = second.Ctl("network", "create", "pods", "--pool", "10.244.0.0/16").Expect(exitCode: 0);
        _cluster.WaitUntilAllIsWell();
        ClusterSandbox.Until("it has its own list", () => second.ReadList("pods") is not null, second.Describe);
        Assert.Equal(list, first.ReadList("pods"));
        Assert.DoesNotContain("host2 ", first.Ctl("blocks").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("host1 ", second.Ctl("blocks").Output, StringComparison.Ordinal);
    }
}
