using System.Text;
using System.Threading.Channels;
using Cluster.Etcd;
using Cluster.Store;
using Cluster.Tests.Store;

namespace Cluster.Tests.Etcd;

/// <summary>
/// A store that was restored from a backup is told from one whose values were deleted, also if its revisions are as high by then.
/// </summary>
public sealed class EtcdRestoreTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(3));
    private EtcdServers _servers = null!;

    private CancellationToken Cancel => _end.Token;

    public async ValueTask InitializeAsync() => _servers = await EtcdServers.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        _end.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    public async Task A_mirror_tells_what_a_restored_store_has_lost(int changesAfter)
    {
        await using EtcdStore store = Open();
        Interrupted interrupted = new(store);
        StoreMirror mirror = new(interrupted, "m/");
        Channel<IReadOnlyList<StoreChange>> told = Channel.CreateUnbounded<IReadOnlyList<StoreChange>>();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await PutAsync(store, "m/kept", "1");
        Task run = mirror.RunAsync(async changes => await told.Writer.WriteAsync(changes, Cancel), end.Token);
        _ = await told.Reader.ReadAsync(Cancel);
        string backup = await _servers.BackUpAsync();
        await PutAsync(store, "m/lost", "1");
        _ = await told.Reader.ReadAsync(Cancel);
        await PutAsync(store, "other", "1");

        await interrupted.WaitForWatchAsync(Cancel);
        interrupted.Interrupt();
        await _servers.RestoreAsync(backup);
        await using EtcdStore another = Open();
        for (int i = 0; i < changesAfter; i++)
            await PutAsync(another, $"m/new{i % 2}", $"{i}");
        interrupted.Resume();

        List<StoreChange> changes = [];
        while (!changes.Exists(static change => change.Key == "m/lost"))
            changes.AddRange(await told.Reader.ReadAsync(Cancel));
        StoreChange lost = changes.Single(static change => change.Key == "m/lost");
        Assert.Null(lost.Value);
        Assert.Equal("1", Encoding.UTF8.GetString(lost.Lost!.Bytes.Span));
        Assert.DoesNotContain(changes, static change => change.Key == "m/kept");
        await end.CancelAsync();
        await run;
    }

    private EtcdStore Open() => new(new EtcdOptions { Endpoints = _servers.Endpoints });

    private async Task PutAsync(EtcdStore store, string key, string value)
    {
        while (true)
        {
            try
            {
                _ = await store.CommitAsync(new StoreTransaction().Put(key, value), Cancel);
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable)
            {
                // It has no event to wait for before it listens.
                await Task.Delay(20, Cancel);
            }
        }
    }
}
