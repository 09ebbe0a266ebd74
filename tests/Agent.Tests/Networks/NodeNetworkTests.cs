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

/// <summary>Blocks and lists of one node, on a store of one host and the leases of a real <c>host-local</c> store.</summary>
public sealed class NodeNetworkTests : IAsyncLifetime
{
    private static readonly StoreKeys s_keys = new("test");
    private static readonly Network s_pods = new()
    {
        Metadata = new ObjectMeta { Name = "pods" },
        Spec = new NetworkSpec { Pools = ["10.244.0.0/24"], IPv4BlockLength = 29 },
    };

    private static readonly BlockHolder s_self = new("node1", "a"), s_other = new("other", "o");
    private static readonly HashSet<IPAddress> s_none = [];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("node-network-");
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));
    private readonly ManualTime _time = new();
    private LocalStore _store = null!;
    private NodeNetwork _network = null!;

    private CancellationToken Cancel => _end.Token;

    private TestLeases Leases => new($"{_directory}", "10.244.0.0/24");

    private string List => $"{_directory}/net.d/10-pods.conflist";

    public ValueTask InitializeAsync()
    {
        _store = LocalStore.Open($"{_directory}/store.db");
        _network = Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _end.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task First_block_is_claimed_and_written_into_a_list_that_host_local_takes()
    {
        IReadOnlyList<IpPrefix> blocks = await ReconcileAsync(mtu: 1450);

        IpPrefix block = Assert.Single(blocks);
        JsonNode list = JsonNode.Parse(File.ReadAllText(List))!;
        Assert.Equal("pods", (string?)list["name"]);
        Assert.Equal(
            ["ptp", "endpoint", "portmap", "bandwidth"], list["plugins"]!.AsArray().Select(static plugin => (string?)plugin!["type"]));
        JsonNode ptp = list["plugins"]![0]!;
        Assert.Equal(1450, (int?)ptp["mtu"]);
        JsonNode range = ptp["ipam"]!["ranges"]![0]![0]!;
        Assert.Equal(
            ("10.244.0.0/24", AfterFirst(block), IpText.Format(block.Broadcast)),
            ((string?)range["subnet"], (string?)range["rangeStart"], (string?)range["rangeEnd"]));
        Assert.Equal("0.0.0.0/0", (string?)ptp["ipam"]!["routes"]![0]!["dst"]);
        Assert.Null(_network.Problem);
    }

    [Fact]
    public async Task Nothing_is_written_or_claimed_twice()
    {
        _ = await ReconcileAsync();
        DateTime written = File.GetLastWriteTimeUtc(List);
        long revision = (await _store.ListAsync("/", Cancel)).Revision;
        _network = Start();
        _ = await ReconcileAsync();
        Assert.Equal(written, File.GetLastWriteTimeUtc(List));
        Assert.Equal(revision, (await _store.ListAsync("/", Cancel)).Revision);
    }

    [Fact]
    public async Task Block_that_the_watch_has_not_told_of_yet_is_not_claimed_again_and_stays_in_the_list()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Assert.Equal([block], await _network.ReconcileAsync(s_pods, [], s_none, mtu: null, Cancel));
        Assert.Equal([AfterFirst(block)], RangesInList());
        Assert.Single(await OwnersAsync());
    }

    [Fact]
    public async Task Another_block_is_claimed_at_three_quarters_and_given_back_when_it_was_long_empty()
    {
        IpPrefix first = Assert.Single(await ReconcileAsync());
        Lease(first, 6);
        IReadOnlyList<IpPrefix> two = await ReconcileAsync();
        Assert.Equal(2, two.Count);
        Assert.Equal(2, RangesInList().Count);

        Release(4);
        _ = await ReconcileAsync();
        _time.Pass(NodeNetwork.SpareTime);
        Assert.Equal(2, (await ReconcileAsync()).Count);
        Assert.Single(RangesInList());
        Assert.Equal(2, (await OwnersAsync()).Count);

        _time.Pass(NodeNetwork.GraceTime);
        IReadOnlyList<BlockOwner> before = await OwnersAsync();
        _ = await ReconcileAsync();
        Assert.Equal(first, Assert.Single(await OwnersAsync()).Block);

        // The watch is late.
        Assert.Equal(first, Assert.Single(await _network.ReconcileAsync(s_pods, before, s_none, null, Cancel)));
        Assert.Single(RangesInList());
    }

    [Fact]
    public async Task Block_that_an_ADD_took_an_address_of_after_the_list_was_written_is_kept()
    {
        IpPrefix first = Assert.Single(await ReconcileAsync());
        Lease(first, 6);
        IpPrefix second = (await ReconcileAsync()).Single(block => block != first);
        Release(4);
        _ = await ReconcileAsync();
        _time.Pass(NodeNetwork.SpareTime);
        _ = await ReconcileAsync();
        Lease(second, 1, "late");
        _time.Pass(NodeNetwork.GraceTime);
        _ = await ReconcileAsync();
        Assert.Equal(2, (await OwnersAsync()).Count);
        _ = await ReconcileAsync();
        Assert.Equal(2, RangesInList().Count);
    }

    [Fact]
    public async Task Block_that_is_another_nodes_by_now_gives_no_more_addresses()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Lease(block, 1);
        _ = await _store.CommitAsync(new StoreTransaction().Put(s_keys.Block("pods", block), BlockOwner.Write(s_other)), Cancel);
        IpPrefix next = Assert.Single(await ReconcileAsync());
        Assert.NotEqual(block, next);
        Assert.Equal([AfterFirst(next)], RangesInList());
        Assert.Contains("is node other's by now", _network.Problem, StringComparison.Ordinal);
        Assert.Equal("other", (await OwnersAsync()).Single(owner => owner.Block == block).Node);
    }

    [Fact]
    public async Task Block_that_the_store_has_lost_is_claimed_again_if_a_pod_has_an_address_of_it()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Lease(block, 1);
        _ = await _store.CommitAsync(new StoreTransaction().Delete(s_keys.Block("pods", block)), Cancel);
        Assert.Equal(block, Assert.Single(await ReconcileAsync()));
        Assert.Equal("node1", Assert.Single(await OwnersAsync()).Node);
    }

    [Fact]
    public async Task Damaged_leases_change_nothing_and_are_left_to_those_who_can_ask_the_kernel()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Lease(block, 2);
        _ = await ReconcileAsync();
        string list = File.ReadAllText(List);
        foreach (string file in Leases.Files.Where(static file => !file.EndsWith("lock", StringComparison.Ordinal)))
            File.WriteAllBytes(file, new byte[9000]);

        Assert.Equal(block, Assert.Single(await ReconcileAsync()));
        Assert.Contains("cannot be read before the next ADD or DEL", _network.Problem, StringComparison.Ordinal);
        Assert.Equal(list, File.ReadAllText(List));
        Assert.Single(await OwnersAsync());
        Assert.All(Leases.Files, static file => Assert.DoesNotContain("damaged", file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deleted_network_gives_back_what_no_pod_holds()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Lease(block, 1);
        _ = await ReconcileAsync(isThere: false);
        Assert.False(File.Exists(List));
        _time.Pass(NodeNetwork.GraceTime * 2);
        _ = await ReconcileAsync(isThere: false);
        Assert.Single(await OwnersAsync());

        Release(1);
        _ = await ReconcileAsync(isThere: false);
        _time.Pass(NodeNetwork.GraceTime);
        _ = await ReconcileAsync(isThere: false);
        Assert.Empty(await OwnersAsync());
        Assert.Empty(await ReconcileAsync(isThere: false));
        Assert.Empty(HeldBlocks.Networks($"{_directory}/run"));
    }

    [Fact]
    public async Task Pool_that_is_used_up_is_said()
    {
        foreach (int number in Enumerable.Range(0, 32))
        {
            IpPrefix taken = new BlockPool(TestLeases.Prefix("10.244.0.0/24"), 29)[(ulong)number];
            _ = await _store.CommitAsync(new StoreTransaction().Put(s_keys.Block("pods", taken), BlockOwner.Write(s_other)), Cancel);
        }
        Assert.Empty(await ReconcileAsync());
        Assert.Contains("no free block left", _network.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(List));
    }

    [Fact]
    public async Task Block_of_another_node_of_this_name_gives_no_addresses()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        Lease(block, 1);
        BlockHolder namesake = s_self with { Identity = "b" };
        _ = await _store.CommitAsync(new StoreTransaction().Put(s_keys.Block("pods", block), BlockOwner.Write(namesake)), Cancel);
        IpPrefix next = Assert.Single(await ReconcileAsync());
        Assert.NotEqual(block, next);
        Assert.Equal([AfterFirst(next)], RangesInList());
        Assert.Contains("is another node of this name's by now", _network.Problem, StringComparison.Ordinal);
        Assert.Equal(namesake, (await OwnersAsync()).Single(owner => owner.Block == block).Holder);
    }

    [Fact]
    public async Task Block_that_was_claimed_without_an_identity_gets_this_nodes()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        string list = File.ReadAllText(List);
        _ = await _store.CommitAsync(new StoreTransaction().Put(s_keys.Block("pods", block), "node1"u8.ToArray()), Cancel);
        Assert.Equal(block, Assert.Single(await ReconcileAsync()));
        Assert.Equal(s_self, Assert.Single(await OwnersAsync()).Holder);
        Assert.Equal(list, File.ReadAllText(List));
    }

    [Fact]
    public async Task Reserved_addresses_are_excluded_and_a_block_without_others_is_followed_by_another()
    {
        IpPrefix block = Assert.Single(await ReconcileAsync());
        IPAddress[] all = [.. Enumerable.Range(1, 7).Select(i => IpText.FromUInt128(block.Network.ToUInt128() + (UInt128)i, block.Family))];

        Assert.Equal(block, Assert.Single(await ReconcileAsync(reserved: all[2])));
        Assert.Equal([IpText.Format(all[2])], ExcludedInList());

        IReadOnlyList<IpPrefix> blocks = await ReconcileAsync(reserved: all);
        Assert.Equal(2, blocks.Count);
        Assert.Equal([AfterFirst(blocks.Single(other => other != block))], RangesInList());
        Assert.Empty(ExcludedInList());

        _ = await ReconcileAsync();
        Assert.Equal(2, RangesInList().Count);
    }

    /// <summary>The node itself has the first address.</summary>
    private static string AfterFirst(IpPrefix block) => IpText.Format(IpText.FromUInt128(block.Network.ToUInt128() + 1, block.Family));

    private NodeNetwork Start() => new(
        new AgentOptions
        {
            Cluster = "test",
            Node = "node1",
            Addresses = [],
            Version = "0",
            RuntimeDirectory = $"{_directory}/run",
            StateDirectory = $"{_directory}/lib",
            NetworkDirectory = $"{_directory}/net.d",
            LeaseDirectory = $"{_directory}/leases",
        },
        _store,
        s_keys,
        "pods",
        s_self,
        NullLogger.Instance)
    {
        Time = _time,
    };

    private async Task<IReadOnlyList<IpPrefix>> ReconcileAsync(bool isThere = true, int? mtu = null, params IPAddress[] reserved) =>
        await _network.ReconcileAsync(isThere ? s_pods : null, await OwnersAsync(), reserved.ToHashSet(), mtu, Cancel);

    private async Task<IReadOnlyList<BlockOwner>> OwnersAsync() =>
    [
        .. (await _store.ListAsync(s_keys.Blocks("pods"), Cancel)).Values.Select(static value =>
            new BlockOwner(s_keys.BlockOf("pods", value.Key)!.Value, BlockOwner.Read(value.Bytes), value.Revision)),
    ];

    private List<string?> RangesInList() =>
    [
        .. JsonNode.Parse(File.ReadAllText(List))!["plugins"]![0]!["ipam"]!["ranges"]![0]!.AsArray()
            .Select(static range => (string?)range!["rangeStart"]),
    ];

    private List<string?> ExcludedInList() =>
    [
        .. JsonNode.Parse(File.ReadAllText(List))!["plugins"]![0]!["ipam"]!["ranges"]![0]!.AsArray()
            .SelectMany(static range => range!["exclude"]?.AsArray().Select(static address => (string?)address) ?? []),
    ];

    private void Lease(IpPrefix block, int count, string container = "pod") => Leases.Take(block, count, container);

    private void Release(int count) => Leases.GiveBack(count);
}
