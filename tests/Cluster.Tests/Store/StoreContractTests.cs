using System.Text;
using System.Threading.Channels;
using Cluster.Store;

namespace Cluster.Tests.Store;

/// <summary>What every store promises (<see cref="IClusterStore"/>), tried on real ones.</summary>
public abstract class StoreContractTests : IAsyncLifetime
{
    /// <summary>More than anything takes on a loaded machine; a hang takes for ever.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(3));

    protected CancellationToken Cancel => _end.Token;

    protected IClusterStore Store { get; private set; } = null!;

    /// <summary>Opens the store; nothing stands in it.</summary>
    protected abstract ValueTask<IClusterStore> OpenAsync();

    /// <summary>Makes the store forget what happened until now.</summary>
    protected abstract Task ForgetAsync();

    public virtual async ValueTask InitializeAsync() => Store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Store.DisposeAsync();
        _end.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_listing_has_what_was_put_in_order_at_a_revision()
    {
        StoreListing before = await Store.ListAsync("a/", Cancel);
        Assert.Empty(before.Values);
        long? first = await PutAsync("a/2", "two");
        long? second = await Store.CommitAsync(new StoreTransaction().Put("a/1", "one").Put("ab", "x").Put("a/ü", "u"), Cancel);

        StoreListing listing = await Store.ListAsync("a/", Cancel);
        Assert.Equal(["a/1=one", "a/2=two", "a/ü=u"], listing.Values.Select(Text));
        Assert.Equal([second, first, second], listing.Values.Select(static value => (long?)value.Revision));
        Assert.True(before.Revision < first && first < second && second == listing.Revision);
        Assert.Equal(4, (await Store.ListAsync("", Cancel)).Values.Count);
    }

    [Fact]
    public async Task A_transaction_whose_expectation_fails_does_nothing()
    {
        _ = await PutAsync("a", "1");
        StoredValue read = Assert.Single((await Store.ListAsync("a", Cancel)).Values);
        _ = await PutAsync("a", "2");

        Assert.Null(await Store.CommitAsync(new StoreTransaction().Expect(read).Put("a", "3").Put("b", "3"), Cancel));
        Assert.Null(await Store.CommitAsync(new StoreTransaction().ExpectAbsent("a").Delete("a"), Cancel));
        Assert.Equal(["a=2"], (await Store.ListAsync("", Cancel)).Values.Select(Text));

        read = Assert.Single((await Store.ListAsync("a", Cancel)).Values);
        Assert.NotNull(await Store.CommitAsync(new StoreTransaction().Expect(read).ExpectAbsent("b").Delete("a").Put("b", "4"), Cancel));
        Assert.Equal(["b=4"], (await Store.ListAsync("", Cancel)).Values.Select(Text));
    }

    [Fact]
    public async Task Of_many_claims_at_once_one_wins()
    {
        for (int round = 0; round < 10; round++)
        {
            string key = $"claim/{round}";
            long?[] claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
                Task.Run(() => Store.CommitAsync(new StoreTransaction().ExpectAbsent(key).Put(key, $"{number}"), Cancel))));

            int winner = Assert.Single(Enumerable.Range(0, 20), number => claims[number] is not null);
            Assert.Equal($"{key}={winner}", Text(Assert.Single((await Store.ListAsync(key, Cancel)).Values)));
        }
    }

    [Fact]
    public async Task A_watch_behind_a_listing_tells_everything_once_and_transactions_whole()
    {
        const int Writers = 4, Each = 50;
        StoreListing start = await Store.ListAsync("w/", Cancel);
        Task writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                StoreTransaction all = new();
                _ = all.Put($"w/{writer}/{i}", "x").Put($"w/{writer}/last", $"{i}").Put("other", "x");
                _ = await Store.CommitAsync(all, Cancel);
            }
        })));

        List<StoreChange> told = [];
        await foreach (IReadOnlyList<StoreChange> batch in Store.WatchAsync("w/", start.Revision, Cancel))
        {
            foreach (IGrouping<long, StoreChange> transaction in batch.GroupBy(static change => change.Revision))
                Assert.Equal(2, transaction.Count());
            told.AddRange(batch);
            if (told.Count == 2 * Writers * Each)
                break;
        }

        await writers;
        Assert.Equal(told.Select(static change => change.Revision).Order(), told.Select(static change => change.Revision));
        Assert.Equal((Writers * Each) + Writers, told.Select(static change => change.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_watch_tells_deletions_and_goes_on_where_an_earlier_one_ended()
    {
        StoreListing start = await Store.ListAsync("", Cancel);
        _ = await PutAsync("a", "1");
        long? last = await PutAsync("a", "2");
        _ = await Store.CommitAsync(new StoreTransaction().Delete("a"), Cancel);

        Assert.Equal(["a=1", "a=2", "a"], (await WatchAsync("", start.Revision, 3)).Select(Text));
        Assert.Equal(["a"], (await WatchAsync("", last!.Value, 1)).Select(Text));
    }

    [Fact]
    public async Task Values_of_a_lease_end_with_it()
    {
        StoreLease lease = await Store.GrantAsync(TimeSpan.FromSeconds(2), Cancel);
        _ = await Store.CommitAsync(new StoreTransaction().Put("leased", "x", lease).Put("kept", "x"), Cancel);
        long revision = (await Store.ListAsync("", Cancel)).Revision;

        await PassAsync(lease.Lifetime);

        Assert.Equal(["leased"], (await WatchAsync("", revision, 1)).Select(Text));
        Assert.Equal(["kept=x"], (await Store.ListAsync("", Cancel)).Values.Select(Text));
        Assert.Equal(StoreErrorKind.LeaseEnded, (await Assert.ThrowsAsync<StoreException>(() => Store.KeepAliveAsync(lease, Cancel))).Kind);
        StoreTransaction late = new StoreTransaction().Put("late", "x", lease);
        Assert.Equal(StoreErrorKind.LeaseEnded, (await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync(late, Cancel))).Kind);
        Assert.Equal(["kept=x"], (await Store.ListAsync("", Cancel)).Values.Select(Text));
    }

    [Fact]
    public async Task A_lease_that_is_kept_alive_outlives_its_time_and_one_that_is_revoked_ends()
    {
        StoreLease lease = await Store.GrantAsync(TimeSpan.FromSeconds(2), Cancel);
        _ = await Store.CommitAsync(new StoreTransaction().Put("leased", "x", lease), Cancel);
        for (int i = 0; i < 6; i++)
        {
            await PassAsync(lease.Lifetime / 3);
            await Store.KeepAliveAsync(lease, Cancel);
        }
        Assert.Single((await Store.ListAsync("leased", Cancel)).Values);

        await Store.RevokeAsync(lease, Cancel);
        await Store.RevokeAsync(lease, Cancel);
        Assert.Empty((await Store.ListAsync("leased", Cancel)).Values);
    }

    [Fact]
    public async Task What_is_put_without_a_lease_no_longer_hangs_on_one()
    {
        StoreLease lease = await Store.GrantAsync(TimeSpan.FromSeconds(60), Cancel);
        _ = await Store.CommitAsync(new StoreTransaction().Put("a", "1", lease), Cancel);
        _ = await PutAsync("a", "2");
        await Store.RevokeAsync(lease, Cancel);
        Assert.Equal(["a=2"], (await Store.ListAsync("a", Cancel)).Values.Select(Text));
    }

    [Fact]
    public async Task A_watch_behind_what_is_forgotten_says_so()
    {
        long old = (await Store.ListAsync("", Cancel)).Revision;
        _ = await PutAsync("a", "1");
        _ = await PutAsync("a", "2");
        await ForgetAsync();

        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => WatchAsync("", old, 1));
        Assert.Equal(StoreErrorKind.Compacted, refused.Kind);
    }

    [Fact]
    public async Task A_revision_that_the_store_has_not_reached_counts_as_forgotten()
    {
        long revision = (await Store.ListAsync("", Cancel)).Revision;
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => WatchAsync("", revision + 1000, 1));
        Assert.True(refused.Kind is StoreErrorKind.Compacted or StoreErrorKind.Restored);
    }

    [Fact]
    public async Task A_list_of_20_000_values_comes_whole()
    {
        const int Count = 20_000, Batch = 100;
        for (int first = 0; first < Count; first += Batch)
        {
            StoreTransaction transaction = new();
            for (int i = first; i < first + Batch; i++)
                _ = transaction.Put($"many/{i:d5}", $"value {i}");
            Assert.NotNull(await Store.CommitAsync(transaction, Cancel));
        }

        StoreListing listing = await Store.ListAsync("many/", Cancel);
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"many/{i:d5}=value {i}"), listing.Values.Select(Text));
    }

    [Fact]
    public async Task A_watch_says_that_it_stands()
    {
        StoreListing start = await Store.ListAsync("", Cancel);
        await foreach (IReadOnlyList<StoreChange> batch in Store.WatchAsync("", start.Revision, Cancel))
        {
            Assert.Empty(batch);
            break;
        }
    }

    [Fact]
    public async Task A_mirror_knows_that_it_follows_again_though_nothing_has_changed()
    {
        Interrupted interrupted = new(Store);
        TaskCompletionSource failed = new(), recovered = new();
        StoreMirror mirror = new(interrupted, "m/") { Failed = _ => failed.TrySetResult(), Recovered = recovered.SetResult };
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task run = mirror.RunAsync(static _ => ValueTask.CompletedTask, end.Token);

        await interrupted.WaitForWatchAsync(Cancel);
        interrupted.Interrupt();
        await failed.Task.WaitAsync(Cancel);
        Assert.Equal("interrupted", mirror.Problem);
        interrupted.Resume();
        await recovered.Task.WaitAsync(Cancel);
        Assert.Null(mirror.Problem);
        await end.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_mirror_lists_again_and_tells_the_difference()
    {
        _ = await Store.CommitAsync(new StoreTransaction().Put("m/gone", "1").Put("m/kept", "1").Put("m/changed", "1"), Cancel);
        Interrupted interrupted = new(Store);
        StoreMirror mirror = new(interrupted, "m/");
        Channel<string[]> told = Channel.CreateUnbounded<string[]>();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task run = mirror.RunAsync(
            async changes => await told.Writer.WriteAsync([.. changes.Select(Text).Order(StringComparer.Ordinal)], Cancel), end.Token);
        Assert.Equal(["m/changed=1", "m/gone=1", "m/kept=1"], await told.Reader.ReadAsync(Cancel));

        await interrupted.WaitForWatchAsync(Cancel);
        interrupted.Interrupt();
        _ = await Store.CommitAsync(new StoreTransaction().Delete("m/gone").Put("m/changed", "2").Put("m/new", "1"), Cancel);
        await ForgetAsync();
        interrupted.Resume();

        Assert.Equal(["m/changed=2", "m/gone", "m/new=1"], await told.Reader.ReadAsync(Cancel));
        Assert.Equal(["m/changed", "m/kept", "m/new"], mirror.Values.Keys.Order(StringComparer.Ordinal));
        _ = await PutAsync("m/new", "2");
        Assert.Equal(["m/new=2"], await told.Reader.ReadAsync(Cancel));
        await end.CancelAsync();
        await run;
    }

    /// <summary>Lets time pass for leases.</summary>
    protected virtual Task PassAsync(TimeSpan time) => Task.Delay(time, Cancel);

    protected Task<long?> PutAsync(string key, string value) =>
        Store.CommitAsync(new StoreTransaction().Put(key, value), Cancel);

    /// <summary>The first changes that a watch tells.</summary>
    protected async Task<List<StoreChange>> WatchAsync(string prefix, long after, int count)
    {
        List<StoreChange> told = [];
        await foreach (IReadOnlyList<StoreChange> batch in Store.WatchAsync(prefix, after, Cancel))
        {
            told.AddRange(batch);
            if (told.Count >= count)
                break;
        }
        return told;
    }

    protected static string Text(StoredValue value) => $"{value.Key}={Encoding.UTF8.GetString(value.Bytes.Span)}";

    protected static string Text(StoreChange change) => change.Value is { } value ? Text(value) : change.Key;
}
