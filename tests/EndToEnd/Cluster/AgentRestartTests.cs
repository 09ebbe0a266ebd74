using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>The agent may die at any moment: what it has made works on, and the next one finds it as it should be.</summary>
public sealed class AgentRestartTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData("vxlan")]
    [InlineData("host-gw")]
    public void Agents_that_are_killed_and_started_again_cost_no_packet_and_change_nothing(string backend)
    {
        _cluster.CreatePods(backend);
        (ClusterHost first, ClusterHost second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        Pod one = first.Attach("one"), two = second.Attach("two");
        // Agents look every few seconds how many addresses pods hold; what follows is compared.
        foreach (ClusterHost host in _cluster.Hosts)
        {
            ClusterSandbox.Until(
                "leases are counted", () => host.Status().Contains("\npods     1     10.244.", StringComparison.Ordinal), host.Describe);
        }
        string[] before = [.. _cluster.Hosts.Select(StateOf)];
        using EndlessPing four = EndlessPing.Start(_cluster.Sandbox, one, two.Address());
        using EndlessPing six = EndlessPing.Start(_cluster.Sandbox, two, one.Address(IpFamily.IPv6));
        Silence[] silences = [.. _cluster.Hosts.Select(host => Silence.ListenTo(host, _cluster.Sandbox))];

        foreach (ClusterHost host in _cluster.Hosts)
        {
            host.KillAgent();
            Assert.NotEqual(0, host.Ctl("status").ExitCode);
        }
        // All of it works without them.
        four.WaitForAnswers(100);
        foreach (ClusterHost host in _cluster.Hosts)
            host.StartAgent();
        _cluster.WaitUntilAllIsWell();

        foreach (Silence silence in silences)
            silence.AssertUnbroken();
        four.AssertNothingLost();
        six.AssertNothingLost();
        Assert.Equal(before, _cluster.Hosts.Select(StateOf));
    }

    [Fact]
    public void Pods_come_and_go_without_an_agent()
    {
        _cluster.CreatePods("vxlan");
        Pod two = _cluster.Hosts[1].Attach("two");
        ClusterHost first = _cluster.Hosts[0];
        first.KillAgent();

        Pod one = first.Attach("one");
        one.AssertReaches(two.Address());
        one.AssertReaches(two.Address(IpFamily.IPv6));
        first.Detach("one");
        two.AssertReaches(first.Attach("three").Address());
    }

    [Fact]
    public void Each_node_claims_one_block_of_each_family()
    {
        _cluster.CreatePods("auto");
        string blocks = _cluster.Hosts[0].Ctl("blocks").Expect(exitCode: 0).Output;

        // A header, and a block of each family of each host.
        Assert.Equal(1 + (2 * 2), blocks.Trim().Split('\n').Length);
    }

    /// <summary>List, blocks, leases and the node's own lease, with the moments at which files were written.</summary>
    private static string StateOf(ClusterHost host) =>
        host.Ctl("blocks").Expect(exitCode: 0).Output + host.Status() + host.Script(
            """
            for file in /run/net.d/* /run/cniagent/lease /run/cniagent/nodes; do stat -c '%n %y %i' "$file"; cat "$file"; done
            find /run/cni/networks -type f -name 'leases-*.db' -printf '%p %T@\n'
            """);
}
