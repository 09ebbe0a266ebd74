using System.Net;
using Agent.Nodes;
using Cluster.Objects;

namespace Agent.Tests.Nodes;

public sealed class KnownNodesTests : IDisposable
{
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("known-nodes-").FullName, "run");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    [Fact]
    public void Node_that_is_gone_stays_known_as_long_as_it_has_blocks_also_over_a_restart()
    {
        KnownNodes known = Restart();
        known.Take([NodeAt("one", "192.0.2.1", "2001:db8::1"), NodeAt("two", "192.0.2.2")], new HashSet<string> { "one", "two" });
        known.Take([NodeAt("two", "192.0.2.3")], new HashSet<string> { "one" });

        KnownNodes restarted = Restart();
        Assert.Equal(["one", "two"], restarted.Nodes.Select(static node => node.Name));
        Assert.Equal([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], restarted.Nodes[0].Addresses);
        Assert.Equal([IPAddress.Parse("192.0.2.3")], restarted.Nodes[1].Addresses);

        restarted.Take([], new HashSet<string> { "two" });
        Assert.Equal(["two"], Restart().Nodes.Select(static node => node.Name));
    }

    private KnownNodes Restart()
    {
        KnownNodes known = new(_directory);
        known.Read();
        return known;
    }

    private static Node NodeAt(string name, params string[] addresses) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Status = new NodeStatus
        {
            Addresses = [.. addresses.Select(static address => new NodeAddress { Type = NodeAddress.Internal, Address = address })],
        },
    };
}
