using Agent.Blocks;
using Agent.Nodes;
using Cluster.Local;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
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

    [Fact]
    public async Task Name_is_the_nodes_when_the_store_has_said_so()
    {
        NodeLease lease = await RunAsync(NodeOf("node1", "a"), rounds: 1);
        Assert.True(lease.HasName);
        Assert.Null(lease.Problem);
    }

    [Fact]
    public async Task Node_that_finds_its_name_taken_has_it_no_longer_and_has_it_again_when_the_other_is_gone()
    {
        List<bool> had = [];
        int changes = 0;
        _ = await RunAsync(
            NodeOf("node1", "a"),
            rounds: 3,
            async (lease, round) =>
            {
                had.Add(lease.HasName);
                // As if its lease had ended, and another had come first.
                StoreTransaction other = round == 1
                    ? new StoreTransaction().Put(s_keys.NodeObject("node1"), ObjectJson.Write(NodeOf("node1", "b")))
                    : new StoreTransaction().Delete(s_keys.NodeObject("node1"));
                _ = await _store.CommitAsync(other, Cancel);
            },
            () => changes++);
        Assert.Equal([true, false, true], had);
        Assert.Equal(2, changes);
    }

    [Fact]
    public async Task Name_of_a_node_that_is_away_and_has_blocks_is_refused_until_they_are_taken_over()
    {
        Assert.True(IpPrefix.TryParse("10.244.0.64/26", out IpPrefix block));
        await PutBlockAsync("pods", block, new BlockHolder("node1", "a"));
        await PutBlockAsync("pods", new IpPrefix(block.Broadcast, 32), new BlockHolder("node2", "c"));

        NodeLease refused = await RunAsync(NodeOf("node1", "b"), rounds: 2);
        Assert.False(refused.HasName);
        Assert.Contains("has the block 10.244.0.64/26 of network pods", refused.Problem, StringComparison.Ordinal);
        Assert.Contains("cnictl node repair --self", refused.Problem, StringComparison.Ordinal);
        Assert.Contains("cnictl node forget node1", refused.Problem, StringComparison.Ordinal);
        Assert.Empty((await _store.ListAsync(s_keys.Nodes, Cancel)).Values);

        Assert.True((await RunAsync(NodeOf("node1", "a"), rounds: 1)).HasName);
        await _store.CommitAsync(new StoreTransaction().Delete(s_keys.NodeObject("node1")), Cancel);
        await PutBlockAsync("pods", block, new BlockHolder("node1", "b"));
        Assert.True((await RunAsync(NodeOf("node1", "b"), rounds: 1)).HasName);
    }

    [Fact]
    public async Task Blocks_that_were_claimed_without_an_identity_keep_nobody_from_the_name()
    {
        Assert.True(IpPrefix.TryParse("10.244.0.64/26", out IpPrefix block));
        await PutBlockAsync("pods", block, new BlockHolder("node1", ""));
        Assert.True((await RunAsync(NodeOf("node1", "b"), rounds: 1)).HasName);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task PutBlockAsync(string network, IpPrefix block, BlockHolder holder) =>
        _ = await _store.CommitAsync(new StoreTransaction().Put(s_keys.Block(network, block), BlockOwner.Write(holder)), Cancel);

    /// <summary>Runs a lease for some rounds.</summary>
    /// <param name="self">The node.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="afterRound">Told of the lease and the round's number, from 1 on, when it is over.</param>
    /// <param name="onChange">Told when the name has become the node's.</param>
    private async Task<NodeLease> RunAsync(
        Node self, int rounds, Func<NodeLease, int, Task>? afterRound = null, Action? onChange = null)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int round = 0;
        NodeLease lease = null!;
        lease = new(_store, s_keys, self, $"{_directory}/run", NullLogger.Instance)
        {
            Changed = onChange ?? (static () => { }),
            Wait = async (_, cancel) =>
            {
                round++;
                if (afterRound is not null)
                    await afterRound(lease, round);
                if (round == rounds)
                    await end.CancelAsync();
                cancel.ThrowIfCancellationRequested();
            },
        };
        Assert.False(lease.HasName);
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
