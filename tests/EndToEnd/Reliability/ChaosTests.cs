using EndToEnd.Cluster;

namespace EndToEnd.Reliability;

/// <summary>
/// All that can break in a cluster breaks, one thing at another's heels, while pods come and go: no address is given twice, no block is
/// lost, and in the end each way leads where the pods are.
/// </summary>
public sealed class ChaosTests
{
    private const int Hosts = 3;
    private const int Bounded = 40;
    private const int BetweenAudits = 10;

    [Fact]
    public void Nothing_is_given_twice_and_nothing_is_lost()
    {
        using ClusterSandbox cluster = ClusterSandbox.Start(Hosts, members: Hosts);
        cluster.CreateNetwork(
            "pods", "--pool", "10.244.0.0/24", "--ipv4-block-length", "29", "--pool", "fd00:244::/64", "--ipv6-block-length", "125",
            "--backend", "vxlan");
        ChaosPods pods = new(cluster);
        ChaosEvents events = new(cluster, pods, new Random(Effort.Seed));
        int count = Effort.PerCase(Bounded);
        for (int number = 1; number <= count; number++)
        {
            events.Next();
            if (number % BetweenAudits == 0 || number == count)
            {
                events.Mend();
                pods.Audit();
            }
        }
        pods.DetachAll();
        Report.End($"chaos: {count} events ({events.Summary}), {pods.Attached} pods, {pods.Refused} refused", pods.Failures);
    }
}
