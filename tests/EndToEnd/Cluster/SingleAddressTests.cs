using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>Blocks of one address each.</summary>
public sealed class SingleAddressTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Pods_of_blocks_of_one_address_reach_each_other()
    {
        _cluster.CreateNetwork(
            "pods", "--pool", "10.244.0.0/24", "--pool", "fd00:244::/64", "--ipv4-block-length", "32", "--ipv6-block-length", "128");
        List<Pod> pods = [];
        foreach (ClusterHost host in _cluster.Hosts)
        {
            for (int i = 0; i < 2; i++)
            {
                string before = host.ReadList("pods")!;
                pods.Add(host.Attach($"{host.Name}-pod{i}"));
                // A block that is held is followed by another at once.
                ClusterSandbox.Until("the list has another address", () => host.ReadList("pods") != before, host.Describe);
            }
        }
        _cluster.WaitUntilAllIsWell();

        Assert.Equal(4, pods.Select(static pod => pod.Address()).Distinct().Count());
        foreach (Pod one in pods)
        {
            foreach (string other in pods.Where(pod => pod != one).SelectMany(
                static pod => IpFamily.Both.Select(family => pod.Address(family))))
                ClusterSandbox.Until($"{one.ContainerId} reaches {other}", () => one.Reaches(other), _cluster.Hosts[0].Describe);
        }
    }
}
