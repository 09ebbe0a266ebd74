using System.Runtime.CompilerServices;
using Cluster.Store;

namespace Cluster.Tests.Store;

/// <summary>A store whose watches can be broken, as a network breaks them.</summary>
internal sealed class Interrupted(IClusterStore store) : IClusterStore
{
    private readonly SemaphoreSlim _watching = new(0);
    private TaskCompletionSource _way = Open();
    private CancellationTokenSource _break = new();

    public Task WaitForWatchAsync(CancellationToken cancel) => _watching.WaitAsync(cancel);

    public void Interrupt()
    {
        _way = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _break.Cancel();
    }

    public void Resume()
    {
        _break = new CancellationTokenSource();
        _way.SetResult();
    }

    public async IAsyncEnumerable<IReadOnlyList<StoreChange>> WatchAsync(
        string prefix, StorePoint after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await _way.Task.WaitAsync(cancel);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel, _break.Token);
        _ = _watching.Release();
        await using IAsyncEnumerator<IReadOnlyList<StoreChange>> watch =
            store.WatchAsync(prefix, after, end.Token).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            try
            {
                if (!await watch.MoveNextAsync())
                    yield break;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new StoreException(StoreErrorKind.Unavailable, "interrupted");
            }
            yield return watch.Current;
        }
    }

    public Task<StoreListing> ListAsync(string prefix, CancellationToken cancel) => store.ListAsync(prefix, cancel);

    public Task<long?> CommitAsync(StoreTransaction transaction, CancellationToken cancel) => store.CommitAsync(transaction, cancel);

    public Task<StoreLease> GrantAsync(TimeSpan lifetime, CancellationToken cancel) => store.GrantAsync(lifetime, cancel);

    public Task KeepAliveAsync(StoreLease lease, CancellationToken cancel) => store.KeepAliveAsync(lease, cancel);

    public Task RevokeAsync(StoreLease lease, CancellationToken cancel) => store.RevokeAsync(lease, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource Open()
    {
        TaskCompletionSource way = new();
        way.SetResult();
        return way;
    }
}
