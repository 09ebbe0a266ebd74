using Agent.Nodes;
using Cluster.Local;
using Cluster.Objects;
using Cluster.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Tests.Nodes;

/// <summary>What a node says of itself, on a store of one host.</summary>
public sealed class NodeLeaseTests : IAsyncLifetime
{
    private static readonly StoreKeys s_keys = new("test");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("node-lease-");
    private LocalStore _store = null!;

    public ValueTask InitializeAsync()
    {
        _store = LocalStore.Open($"{_directory}/store.db");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Node_is_put_once_and_a_restart_takes_the_lease_over()
    {
        await RunAsync(NodeOf("node1", "a"), rounds: 3);
        StoredValue put = await ReadAsync("node1");
        string lease = File.ReadAllText($"{_directory}/run/lease");

        await RunAsync(NodeOf("node1", "a"), rounds: 2);
        Assert.Equal(lease, File.ReadAllText($"{_directory}/run/lease"));
        StoredValue again = await ReadAsync("node1");
        Assert.Equal(put.Bytes.ToArray(), again.Bytes.ToArray());
    }

    [Fact]
    public async Task Lease_that_has_ended_is_replaced_and_the_node_put_again()
    {
        await RunAsync(NodeOf("node1", "a"), rounds: 1);
        long id = long.Parse(File.ReadAllText($"{_directory}/run/lease"), System.Globalization.CultureInfo.InvariantCulture);
        await _store.RevokeAsync(new StoreLease(id, NodeLease.Lifetime), TestContext.Current.CancellationToken);
        Assert.Empty((await _store.ListAsync(s_keys.Nodes, TestContext.Current.CancellationToken)).Values);

        Assert.Null((await RunAsync(NodeOf("node1", "a"), rounds: 1)).Problem);
        Assert.NotNull(await ReadAsync("node1"));
    }

    [Fact]
    public async Task Second_node_of_a_name_is_refused_and_the_first_stays()
    {
        await RunAsync(NodeOf("node1", "a"), rounds: 1);
        StoredValue first = await ReadAsync("node1");
        File.Delete($"{_directory}/run/lease");
        NodeLease second = await RunAsync(NodeOf("node1", "b"), rounds: 2);
        Assert.Contains("nodeName is \"node1\", which is the name of another node", second.Problem, StringComparison.Ordinal);
        Assert.Equal(first.Revision, (await ReadAsync("node1")).Revision);
    }

    private async Task<NodeLease> RunAsync(Node self, int rounds)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        int left = rounds;
        NodeLease lease = new(_store, s_keys, self, $"{_directory}/run", NullLogger.Instance)
        {
            Wait = async (_, cancel) =>
            {
                if (--left == 0)
                    await end.CancelAsync();
                cancel.ThrowIfCancellationRequested();
            },
        };
        await lease.RunAsync(end.Token);
        return lease;
    }

    private async Task<StoredValue> ReadAsync(string node) =>
        (await _store.ListAsync(s_keys.NodeObject(node), TestContext.Current.CancellationToken)).Values.Single();

    private static Node NodeOf(string name, string identity) => new()
    {
        Metadata = new ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { [Node.IdentityAnnotation] = identity } },
    };
}
