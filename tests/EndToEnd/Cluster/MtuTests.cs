using System.Text.Json.Nodes;
using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>The largest packets that reach another node, found by sending them.</summary>
public sealed class MtuTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _first;

    public MtuTests() => _first = _cluster.Hosts[0];

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Network_that_loses_large_packets_is_found_and_the_remedy_helps()
    {
        _cluster.CreatePods("vxlan");
        WaitForWay();
        CommandResult good = _first.Ctl("mtu", "--check").Expect(exitCode: 0);
        Assert.Matches(@"^pods have MTU 1450\nall ways carry it\n\nNODE.*\nhost2 +vxlan +1500 +1450 +1450 +192\.0\.2\.2\n", good.Output);

        // The switch drops what is larger, without a word.
        _ = _cluster.Sandbox.Run("ip", "link", "set", "port2", "mtu", "1400");
        CommandResult bad = _first.Ctl("mtu", "--check").Expect(exitCode: 1);
        Assert.Contains(
            "problem: pods have MTU 1450, and 1350 is the largest that passes to host2 at 192.0.2.2: set mtu: 1350 in "
            + "/etc/cniagent/agent.yaml of every node", bad.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nhost2 +vxlan +1400 +\d+ +1350 +192\.0\.2\.2\n", bad.Output);

        foreach (ClusterHost host in _cluster.Hosts)
        {
            host.KillAgent();
            host.StartAgent(options: ["--mtu", "1350"]);
        }
        _cluster.WaitUntilAllIsWell();
        WaitForWay();
        Assert.StartsWith(
            "pods have MTU 1350\nall ways carry it\n", _first.Ctl("mtu", "--check").Expect(exitCode: 0).Output, StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(_first.Ctl("mtu", "--check", "--json").Expect(exitCode: 0).Output)!;
        Assert.Equal(1350, (int?)json["paths"]![0]!["overlay"]);
    }

    [Fact]
    public void Direct_way_is_measured_as_it_is()
    {
        _cluster.CreatePods("host-gw");
        WaitForWay();
        Assert.Matches(@"\nhost2 +host-gw +1500 +- +1500 +192\.0\.2\.2\n", _first.Ctl("mtu", "--check").Expect(exitCode: 0).Output);
    }

    private void WaitForWay() => ClusterSandbox.Until(
        "the way is known", () => _first.Ctl("mtu").Output.Contains("\nhost2 ", StringComparison.Ordinal), _first.Describe);
}
