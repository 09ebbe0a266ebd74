using System.Net;
using System.Text.Json.Nodes;
using Agent.Blocks;
using Agent.Configuration;
using Agent.Networks;
using Cluster.Local;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Tests.Networks;

/// <summary>
/// An agent dies at each step of claiming a block, claiming a second one, and giving it back: the next one finds all that is its own,
/// gives from no other, and keeps none for ever.
/// </summary>
public sealed class NodeNetworkDeathTests : IDisposable
{
    private const string Pool = "10.244.0.0/24";
    private const int Busy = 6;

    private static readonly StoreKeys s_keys = new("test");
    private static readonly Network s_pods = new()
    {
        Metadata = new ObjectMeta { Name = "pods" },
        Spec = new NetworkSpec { Pools = [Pool], IPv4BlockLength = 29 },
    };

    private static readonly HashSet<IPAddress> s_none = [];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("node-network-death-");
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));

    private CancellationToken Cancel => _end.Token;

    public void Dispose()
    {
        _end.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task No_death_costs_a_block_or_gives_from_one_that_is_not_the_nodes()
    {
        int steps = await LiveAsync(int.MaxValue);
        Assert.InRange(steps, 10, 100);
        for (int death = 0; death < steps; death++)
            _ = await LiveAsync(death);
    }

    /// <summary>All of it once, with one death; how many steps it had.</summary>
    private async Task<int> LiveAsync(int death)
    {
        string directory = _directory.CreateSubdirectory($"{death}").FullName;
        await using LocalStore store = LocalStore.Open($"{directory}/store.db");
        MortalStore mortal = new(store) { DeathAt = death };
        ManualTime time = new();
        TestLeases leases = new(directory, Pool);
        NodeNetwork network = Start();

        await ReconcileAsync();
        IpPrefix first = Assert.Single(await OwnAsync()).Block;
        leases.Take(first, Busy);
        await ReconcileAsync();
        Assert.Equal(2, (await OwnAsync()).Count);
        leases.GiveBack(Busy - 1);
        // Spare, retired, given back; the agent behind a death waits anew.
        for (int look = 0; look < 6; look++)
        {
            await ReconcileAsync();
            time.Pass(NodeNetwork.SpareTime);
        }
        Assert.Equal(first, Assert.Single(await OwnAsync()).Block);
        Assert.Equal([first], InList());
        return mortal.Steps;

        NodeNetwork Start() => new(
            new AgentOptions
            {
                Cluster = "test",
                Node = "node1",
                Addresses = [],
                Version = "0",
                RuntimeDirectory = $"{directory}/run",
                StateDirectory = $"{directory}/lib",
                NetworkDirectory = $"{directory}/net.d",
                LeaseDirectory = $"{directory}/leases",
            },
            mortal,
            s_keys,
            "pods",
            new BlockHolder("node1", "a"),
            NullLogger.Instance)
        {
            Time = time,
        };

        async Task ReconcileAsync()
        {
            try
            {
                _ = await network.ReconcileAsync(s_pods, await OwnAsync(), s_none, mtu: null, Cancel);
            }
            catch (DeathException)
            {
                await AssertListIsOwnAsync();
                network = Start();
                _ = await network.ReconcileAsync(s_pods, await OwnAsync(), s_none, mtu: null, Cancel);
            }
            await AssertListIsOwnAsync();
        }

        async Task AssertListIsOwnAsync() =>
            Assert.Subset((await OwnAsync()).Select(static owner => owner.Block).ToHashSet(), InList().ToHashSet());

        async Task<List<BlockOwner>> OwnAsync() =>
        [
            .. (await store.ListAsync(s_keys.Blocks("pods"), Cancel)).Values.Select(static value =>
                new BlockOwner(s_keys.BlockOf("pods", value.Key)!.Value, BlockOwner.Read(value.Bytes), value.Revision)),
        ];

        IEnumerable<IpPrefix> InList() => !File.Exists($"{directory}/net.d/10-pods.conflist")
            ? []
            : JsonNode.Parse(File.ReadAllText($"{directory}/net.d/10-pods.conflist"))!["plugins"]![0]!["ipam"]!["ranges"]![0]!.AsArray()
                .Select(static range => new IpPrefix(TestLeases.Prefix($"{range!["rangeEnd"]}/32").Address, 29).Masked);
    }
}
