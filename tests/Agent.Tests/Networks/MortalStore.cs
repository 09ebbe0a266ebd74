using Cluster.Store;

namespace Agent.Tests.Networks;

/// <summary>The process has died.</summary>
internal sealed class DeathException : Exception;

/// <summary>A store whose user dies at a given step: before an operation of it, or behind it, so that its answer is never heard.</summary>
/// <param name="store">What lives on.</param>
internal sealed class MortalStore(IClusterStore store) : IClusterStore
{
    private int _steps;

    /// <summary>The step at which it dies; each operation is two.</summary>
    public int DeathAt { get; set; } = int.MaxValue;

    /// <summary>How many steps were survived.</summary>
    public int Steps => _steps;

    public Task<StoreListing> ListAsync(string prefix, CancellationToken cancel) => DieAround(() => store.ListAsync(prefix, cancel));

    public Task<long?> CommitAsync(StoreTransaction transaction, CancellationToken cancel) =>
        DieAround(() => store.CommitAsync(transaction, cancel));

    public IAsyncEnumerable<IReadOnlyList<StoreChange>> WatchAsync(string prefix, StorePoint after, CancellationToken cancel) =>
        store.WatchAsync(prefix, after, cancel);

    public Task<StoreLease> GrantAsync(TimeSpan lifetime, CancellationToken cancel) => store.GrantAsync(lifetime, cancel);

    public Task KeepAliveAsync(StoreLease lease, CancellationToken cancel) => store.KeepAliveAsync(lease, cancel);

    public Task RevokeAsync(StoreLease lease, CancellationToken cancel) => store.RevokeAsync(lease, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> DieAround<T>(Func<Task<T>> operation)
    {
        Live();
        T answer = await operation();
        Live();
        return answer;
    }

    private void Live()
    {
        if (_steps++ == DeathAt)
            throw new DeathException();
    }
}
