using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>The store may be gone: pods work on, and new ones come, until the node's blocks are full.</summary>
public sealed class StoreOutageTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pods_need_no_etcd_and_status_names_what_is_wrong(bool isKilled)
    {
        _cluster.CreatePods("vxlan");
        (ClusterHost first, ClusterHost second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        Pod one = first.Attach("one"), two = second.Attach("two");
        string list = first.ReadList("pods")!;
        using EndlessPing ping = EndlessPing.Start(_cluster.Sandbox, one, two.Address());

        if (isKilled)
            _cluster.Etcd.Kill(0);
        else
            _cluster.Etcd.Signal(0, "STOP");
        foreach (ClusterHost host in _cluster.Hosts)
        {
            ClusterSandbox.Until(
                "status names etcd",
                () => host.Status().Split('\n').Any(static line =>
                    line.StartsWith("problem: ", StringComparison.Ordinal) && line.Contains("192.0.2.1:2379", StringComparison.Ordinal)),
                host.Describe);
        }
        Pod late = second.Attach("late");
        foreach (IpFamily family in IpFamily.Both)
        {
            one.AssertReaches(late.Address(family));
            late.AssertReaches(one.Address(family));
        }
        Assert.Equal(list, first.ReadList("pods"));

        if (isKilled)
            _cluster.Etcd.Start(0);
        else
            _cluster.Etcd.Signal(0, "CONT");
        _cluster.WaitUntilAllIsWell();
        ping.AssertNothingLost();
        Assert.Equal(list, first.ReadList("pods"));
    }
}
