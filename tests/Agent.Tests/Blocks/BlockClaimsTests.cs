using Agent.Blocks;
using Cluster.Local;
using Cluster.Store;
using Linux.Addresses;

namespace Agent.Tests.Blocks;

/// <summary>Claims on a store of one host; what stores promise alike is their own suite's.</summary>
public sealed class BlockClaimsTests : IAsyncLifetime
{
    private static readonly StoreKeys s_keys = new("test");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("block-claims-");
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));
    private LocalStore _store = null!;

    private CancellationToken Cancel => _end.Token;

    public ValueTask InitializeAsync()
    {
        _store = LocalStore.Open($"{_directory}/store.db");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _end.Dispose();
        _directory.Delete(recursive: true);
    }

    private static BlockPool Pool(string pool, int length) =>
        new(IpPrefix.TryParse(pool, out IpPrefix prefix) ? prefix : throw new ArgumentException(pool), length);

    private BlockClaims ClaimsOf(string node, params BlockPool[] pools) =>
        new(_store, s_keys, "pods", pools, new BlockHolder(node, $"identity of {node}"));

    [Fact]
    public async Task A_claim_takes_a_block_of_each_family_at_once()
    {
        BlockClaims claims = ClaimsOf("node1", Pool("10.244.0.0/16", 26), Pool("fd00:244::/48", 122));
        IReadOnlyList<IpPrefix> blocks = await claims.ClaimAsync([], Cancel);

        Assert.Equal([26, 122], blocks.Select(static block => block.Length));
        Assert.Equal(blocks.Order(Texts), (await claims.ListOwnAsync(Cancel)).Select(static owner => owner.Block).Order(Texts));
        Assert.Empty(await ClaimsOf("node2", Pool("10.244.0.0/16", 26)).ListOwnAsync(Cancel));
    }

    [Fact]
    public async Task Nodes_that_claim_at_once_share_the_pool_and_no_block()
    {
        // 64 blocks for 40 nodes that want two each: 64 claims succeed, whoever makes them.
        IReadOnlyList<IpPrefix>[] claimed = await Task.WhenAll(Enumerable.Range(0, 80).Select(number =>
            Task.Run(() => ClaimsOf($"node{number / 2}", Pool("10.244.0.0/20", 26)).ClaimAsync([], Cancel))));

        IpPrefix[] blocks = [.. claimed.SelectMany(static blocks => blocks)];
        Assert.Equal(64, blocks.Length);
        Assert.Equal(64, blocks.Distinct().Count());
        Assert.Equal(64, (await ClaimsOf("node0", Pool("10.244.0.0/20", 26)).ListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Where_a_family_has_none_left_nothing_is_claimed()
    {
        BlockClaims first = ClaimsOf("node1", Pool("10.244.0.0/26", 26), Pool("fd00:244::/48", 122));
        Assert.Equal(2, (await first.ClaimAsync([], Cancel)).Count);
        Assert.Empty(await first.ClaimAsync([], Cancel));
        Assert.Equal(2, (await first.ListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task A_second_pool_serves_when_the_first_is_full()
    {
        BlockClaims claims = ClaimsOf("node1", Pool("10.244.0.0/26", 26), Pool("10.245.0.0/26", 26));
        Assert.Equal(["10.244.0.0/26"], (await claims.ClaimAsync([], Cancel)).Select(static block => block.ToString()));
        Assert.Equal(["10.245.0.0/26"], (await claims.ClaimAsync([], Cancel)).Select(static block => block.ToString()));
        Assert.Empty(await claims.ClaimAsync([], Cancel));
    }

    [Fact]
    public async Task What_the_store_has_lost_and_somebody_remembers_is_not_claimed()
    {
        BlockClaims first = ClaimsOf("node1", Pool("10.244.0.0/25", 26)), second = ClaimsOf("node2", Pool("10.244.0.0/25", 26));
        _ = await first.ClaimAsync([], Cancel);
        IReadOnlyList<BlockOwner> known = await first.ListOwnAsync(Cancel);
        foreach (BlockOwner lost in known)
            Assert.True(await first.GiveBackAsync(lost, Cancel));

        IpPrefix claimed = Assert.Single(await second.ClaimAsync(known, Cancel));
        Assert.NotEqual(known[0].Block, claimed);
        Assert.Empty(await second.ClaimAsync(known, Cancel));
    }

    [Fact]
    public async Task A_block_is_given_back_once_and_only_by_its_owner()
    {
        BlockClaims claims = ClaimsOf("node1", Pool("10.244.0.0/24", 32)), other = ClaimsOf("node2", Pool("10.244.0.0/24", 32));
        _ = await claims.ClaimAsync([], Cancel);
        BlockOwner own = Assert.Single(await claims.ListOwnAsync(Cancel));

        Assert.False(await other.GiveBackAsync(own, Cancel));
        Assert.True(await claims.GiveBackAsync(own, Cancel));
        Assert.False(await claims.GiveBackAsync(own, Cancel));
        // The same block, claimed anew: what was known of it before gives nothing back.
        _ = await claims.ClaimAsync([], Cancel);
        Assert.False(await claims.GiveBackAsync(own, Cancel));
        Assert.Single(await claims.ListOwnAsync(Cancel));
    }

    private static IComparer<IpPrefix> Texts =>
        Comparer<IpPrefix>.Create(static (left, right) => string.CompareOrdinal($"{left}", $"{right}"));
}
