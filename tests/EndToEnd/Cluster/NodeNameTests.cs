namespace EndToEnd.Cluster;

public sealed class NodeNameTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Second_node_of_a_name_says_so_and_the_first_is_left_alone()
    {
        _cluster.CreatePods("vxlan");
        (ClusterHost first, ClusterHost second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        string blocks = Blocks();
        second.KillAgent();

        second.StartAgent(nodeName: first.Name);

        ClusterSandbox.Until(
            "the second says so",
            () => second.Status().Contains(
                "problem: nodeName is \"host1\", which is the name of another node that is alive, at 192.0.2.1", StringComparison.Ordinal),
            second.Describe);
        Assert.Contains("\nall is well\n", first.Status(), StringComparison.Ordinal);
        Assert.Contains(
            first.Ctl("nodes").Output.Split('\n'),
            line => line.StartsWith("host1 ", StringComparison.Ordinal) && line.Contains(" 192.0.2.1,", StringComparison.Ordinal));
        Assert.Equal(blocks, Blocks());
        // It must not give addresses of blocks that are the other's.
        string list = first.ReadList("pods")!;
        Assert.NotEqual(list, second.ReadList("pods"));

        string Blocks() => first.Ctl("blocks").Expect(exitCode: 0).Output;
    }
}
