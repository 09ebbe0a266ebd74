using System.Text.Json.Nodes;

namespace EndToEnd.Cluster;

/// <summary>What <c>cnictl</c> says of a node, and what it does for one.</summary>
public sealed class NodeCommandTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _first;
    private readonly ClusterHost _second;

    public NodeCommandTests()
    {
        (_first, _second) = (_cluster.Hosts[0], _cluster.Hosts[1]);
        _cluster.CreatePods("vxlan");
    }

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Node_is_described_by_itself_and_by_others()
    {
        ClusterSandbox.Until(
            "the way to the other is known", () => Describe(_first).Contains("\nhost2  vxlan", StringComparison.Ordinal), _first.Describe);
        string own = Describe(_first), other = Describe(_first, "host2");

        Assert.Matches(@"^NAME +host1\nSTATE +this node\nADDRESSES +192\.0\.2\.1, 2001:db8::1\n", own);
        Assert.Matches(@"\nMTU +1450\n", own);
        Assert.Matches(@"\npods +0 +63 +0 +10\.244\.", own);
        Assert.Matches(@"\nhost2 +vxlan +192\.0\.2\.2 +10\.244\.", own);
        Assert.Matches(@"^NAME +host2\nSTATE +alive\nADDRESSES +192\.0\.2\.2, 2001:db8::2\n", other);
        // What its pods hold only the node itself knows.
        Assert.Matches(@"\npods +- +63 +- +10\.244\.", other);
        Assert.Matches(@"\nhost2 +vxlan +192\.0\.2\.2 +fd00:244:", other);
        Assert.All($"{own}{other}".Split('\n'), static line => Assert.InRange(line.Length, 0, 100));

        JsonNode json = JsonNode.Parse(_first.Ctl("describe", "node", "--json").Expect(exitCode: 0).Output)!;
        Assert.Equal("host1", (string?)json["name"]);
        Assert.Equal(2, json["blocks"]!.AsArray().Count);
        string refused = _first.Ctl("describe", "node", "host3").Expect(exitCode: 1).Error;
        Assert.Equal("cnictl: there is no node host3: cnictl nodes shows those there are\n", refused);
    }

    [Fact]
    public void Host_that_has_lost_its_state_gets_its_blocks_back_by_a_repair_and_by_nothing_else()
    {
        string blocks = Blocks(), ways = _first.Datapath(), list = _second.ReadList("pods")!;
        LoseNode(_second);

        _second.StartAgent();
        ClusterSandbox.Until(
            "it says whose the blocks are",
            () => _second.Status().Contains("another node of this name, which is away now, has the block", StringComparison.Ordinal),
            _second.Describe);
        Assert.DoesNotMatch(@"\nhost2 +alive", _first.Ctl("nodes").Output);
        // No other node does it for one that is gone.
        Assert.Contains(
            "start its agent, and run cnictl node repair --self there",
            _first.Ctl("node", "repair", "host2").Expect(exitCode: 1).Error,
            StringComparison.Ordinal);
        Assert.Equal(blocks, Blocks());
        Assert.Equal(ways, _first.Datapath());
        Assert.Equal(list, _second.ReadList("pods"));

        string repaired = _second.Ctl("node", "repair", "--self").Expect(exitCode: 0).Output;

        Assert.Equal(2, repaired.Split('\n').Count(static line => line.StartsWith("took over block ", StringComparison.Ordinal)));
        _cluster.WaitUntilAllIsWell();
        Assert.Equal(blocks, Blocks());
        Assert.Equal(list, _second.ReadList("pods"));
        Assert.Equal("node host2: nothing was to be done\n", _second.Ctl("node", "repair", "--self").Expect(exitCode: 0).Output);
    }

    [Fact]
    public void Name_of_a_node_that_will_not_come_again_is_free_when_it_is_forgotten()
    {
        LoseNode(_second);
        _ = _second.Run("rm", "-r", "/run/net.d", "/run/cniagent");
        _second.StartAgent();
        ClusterSandbox.Until(
            "the name is refused", () => _second.Status().Contains("cnictl node forget host2", StringComparison.Ordinal), _second.Describe);

        string forgotten = _first.Ctl("node", "forget", "host2").Expect(exitCode: 0).Output;

        Assert.Contains("node host2 forgotten; given back: 10.244.", forgotten, StringComparison.Ordinal);
        _cluster.WaitUntilAllIsWell();
        ClusterSandbox.Until("it has claimed new ones", () => _second.ReadList("pods") is not null, _second.Describe);
    }

    [Fact]
    public void Block_that_the_store_has_lost_is_claimed_again_when_the_agent_starts()
    {
        _ = _second.Attach("pod");
        _second.KillAgent();
        string key = $"/cniplugin/default/blocks/pods/{BlockOf(_second).Replace('/', '-')}";
        _ = _first.Run("env", "ETCDCTL_API=3", "etcdctl", $"--endpoints={_cluster.Etcd.Endpoints[0]}", "del", key);
        _second.StartAgent();
        _cluster.WaitUntilAllIsWell();
        Assert.Contains(key.Split('/')[^1].Replace('-', '/'), Blocks(), StringComparison.Ordinal);
    }

    /// <summary>As if the host had been set up anew, and all its leases in the store had ended.</summary>
    private void LoseNode(ClusterHost host)
    {
        host.KillAgent();
        string lease = host.Run("cat", "/run/cniagent/lease").Trim();
        _ = _first.Run(
            "env", "ETCDCTL_API=3", "etcdctl", $"--endpoints={_cluster.Etcd.Endpoints[0]}", "lease", "revoke", $"{long.Parse(lease):x}");
        _ = host.Run("rm", "-r", host.StateDirectory, "/run/cniagent/lease");
    }

    private static string Describe(ClusterHost host, params string[] node) =>
        host.Ctl(["describe", "node", .. node]).Expect(exitCode: 0).Output;

    // Whether their node is alive counts for nothing.
    private string Blocks() =>
        _first.Ctl("blocks").Expect(exitCode: 0).Output.Replace(" gone  ", " alive ", StringComparison.Ordinal);

    private string BlockOf(ClusterHost host) => Blocks().Split('\n')
        .First(line => line.Contains($" {host.Name} ", StringComparison.Ordinal) && line.Contains("10.244.", StringComparison.Ordinal))
        .Split(' ')[^1];
}
