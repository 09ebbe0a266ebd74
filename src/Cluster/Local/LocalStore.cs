using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Store;

namespace Cluster.Local;

/// <summary>
/// A store for a host that is alone: all values in the agent's memory, and in a file of its own. It counts revisions and ends leases as
/// etcd does; a lease begins its lifetime anew when the agent starts.
/// </summary>
public sealed class LocalStore : IClusterStore
{
    // Changes that are remembered for watches behind an older revision.
    private const int HistoryLength = 10_000;

    // LiteDB's limit for a key of its index is 1,023 bytes, ours among them.
    private const int MaxKeyLength = 1000;

    private readonly Lock _gate = new();
    private readonly LocalStoreFile _file;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<string, (StoredValue Value, long Lease)> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Granted> _leases = [];
    private readonly Queue<StoreChange> _history = new();
    private readonly List<(string Prefix, Channel<IReadOnlyList<StoreChange>> Channel)> _watches = [];
    private long _revision;
    private long _forgotten;

    private LocalStore(LocalStoreFile file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    /// <summary>Opens a store, or makes it.</summary>
    /// <param name="path">Its file; no other process may have it.</param>
    /// <param name="time">By which leases end; null for the system's.</param>
    /// <exception cref="StoreException">The file cannot be used.</exception>
    public static LocalStore Open(string path, TimeProvider? time = null)
    {
        LocalStore store = new(LocalStoreFile.Open(path), time ?? TimeProvider.System);
        store._revision = store._forgotten = store._file.Read(
            (key, bytes, revision, lease) => store._values.Add(key, (new StoredValue(key, bytes, revision), lease)),
            (id, lifetime) => store.Keep(new StoreLease(id, lifetime)));
        return store;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            foreach (Granted lease in _leases.Values)
                lease.Timer.Dispose();
            foreach ((_, Channel<IReadOnlyList<StoreChange>> channel) in _watches)
                _ = channel.Writer.TryComplete();
            _file.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StoreListing> ListAsync(string prefix, CancellationToken cancel)
    {
        lock (_gate)
        {
            IEnumerable<StoredValue> values = _values.Values.Select(static entry => entry.Value);
            values = values.Where(value => value.Key.StartsWith(prefix, StringComparison.Ordinal));
            return Task.FromResult(new StoreListing([.. values], _revision));
        }
    }

    /// <inheritdoc/>
    public Task<long?> CommitAsync(StoreTransaction transaction, CancellationToken cancel)
    {
        lock (_gate)
        {
            foreach ((string key, ReadOnlyMemory<byte>? bytes, StoreLease? lease) in transaction.Changes)
            {
                if (System.Text.Encoding.UTF8.GetByteCount(key) > MaxKeyLength)
                    throw new StoreException(StoreErrorKind.Invalid, $"the key {key} is longer than {MaxKeyLength} bytes");
                if (bytes is not null && lease is not null && !_leases.ContainsKey(lease.Id))
                    throw Ended(lease);
            }
            if (transaction.Expectations.Any(expected => RevisionOf(expected.Key) != expected.Revision))
                return Task.FromResult<long?>(null);
            Apply([.. transaction.Changes.Where(change => change.Bytes is not null || _values.ContainsKey(change.Key))
                .Select(static change => (change.Key, change.Bytes, change.Lease?.Id ?? 0))]);
            return Task.FromResult<long?>(_revision);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<StoreChange>> WatchAsync(
        string prefix, StorePoint after, [EnumeratorCancellation] CancellationToken cancel)
    {
        UnboundedChannelOptions options = new() { SingleReader = true };
        Channel<IReadOnlyList<StoreChange>> channel = Channel.CreateUnbounded<IReadOnlyList<StoreChange>>(options);
        StoreChange[] missed;
        lock (_gate)
        {
            if (after.Revision < _forgotten || after.Revision > _revision)
            {
                throw new StoreException(
                    StoreErrorKind.Compacted,
                    $"the local store remembers what changed behind revision {_forgotten}, not behind {after.Revision}");
            }
            missed =
            [
                .. _history.Where(change => change.Revision > after.Revision && change.Key.StartsWith(prefix, StringComparison.Ordinal)),
            ];
            _watches.Add((prefix, channel));
        }
        try
        {
            yield return [];
            foreach (IGrouping<long, StoreChange> batch in missed.GroupBy(static change => change.Revision))
                yield return [.. batch];
            await foreach (IReadOnlyList<StoreChange> batch in channel.Reader.ReadAllAsync(cancel))
                yield return batch;
            throw new StoreException(StoreErrorKind.Unavailable, "the local store is closed");
        }
        finally
        {
            lock (_gate)
                _ = _watches.RemoveAll(watch => watch.Channel == channel);
        }
    }

    /// <inheritdoc/>
    public Task<StoreLease> GrantAsync(TimeSpan lifetime, CancellationToken cancel)
    {
        lock (_gate)
        {
            StoreLease lease = new(Random.Shared.NextInt64(1, long.MaxValue), lifetime);
            _file.WriteLease(lease.Id, lifetime);
            Keep(lease);
            return Task.FromResult(lease);
        }
    }

    /// <inheritdoc/>
    public Task KeepAliveAsync(StoreLease lease, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(lease.Id, out Granted? granted))
                throw Ended(lease);
            granted.KeptSince = _time.GetTimestamp();
            _ = granted.Timer.Change(granted.Lifetime, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task RevokeAsync(StoreLease lease, CancellationToken cancel)
    {
        lock (_gate)
            End(lease.Id);
        return Task.CompletedTask;
    }

    private void Keep(StoreLease lease)
    {
        ITimer timer = _time.CreateTimer(_ => EndIfLate(lease.Id), null, lease.Lifetime, Timeout.InfiniteTimeSpan);
        _leases.Add(lease.Id, new Granted(lease.Lifetime, timer) { KeptSince = _time.GetTimestamp() });
    }

    // A timer may fire while the lease is being kept alive, or a moment early: clock and timer are not the same.
    private void EndIfLate(long id)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out Granted? granted))
                return;
            TimeSpan left = granted.Lifetime - _time.GetElapsedTime(granted.KeptSince);
            if (left <= TimeSpan.Zero)
                End(id);
            else
                _ = granted.Timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    private void End(long id)
    {
        if (!_leases.Remove(id, out Granted? granted))
            return;
        granted.Timer.Dispose();
        Apply([.. _values.Where(entry => entry.Value.Lease == id).Select(static entry => (entry.Key, (ReadOnlyMemory<byte>?)null, 0L))]);
        _file.DeleteLease(id);
    }

    private void Apply((string Key, ReadOnlyMemory<byte>? Bytes, long Lease)[] changes)
    {
        if (changes.Length == 0)
            return;
        _file.Write(_revision + 1, changes);
        _revision++;
        List<StoreChange> told = [];
        foreach ((string key, ReadOnlyMemory<byte>? bytes, long lease) in changes)
        {
            StoredValue? value = bytes is { } given ? new StoredValue(key, given.ToArray(), _revision) : null;
            if (value is not null)
                _values[key] = (value, lease);
            else
                _ = _values.Remove(key);
            told.Add(new StoreChange(key, value, _revision));
        }
        Remember(told);
        foreach ((string prefix, Channel<IReadOnlyList<StoreChange>> channel) in _watches)
        {
            StoreChange[] mine = [.. told.Where(change => change.Key.StartsWith(prefix, StringComparison.Ordinal))];
            if (mine.Length > 0)
                _ = channel.Writer.TryWrite(mine);
        }
    }

    private void Remember(List<StoreChange> changes)
    {
        foreach (StoreChange change in changes)
            _history.Enqueue(change);
        while (_history.Count > HistoryLength)
            _forgotten = _history.Dequeue().Revision;
        // A transaction is remembered whole or not at all.
        while (_history.TryPeek(out StoreChange? oldest) && oldest.Revision <= _forgotten)
            _ = _history.Dequeue();
    }

    private long RevisionOf(string key) => _values.TryGetValue(key, out (StoredValue Value, long Lease) entry) ? entry.Value.Revision : 0;

    private static StoreException Ended(StoreLease lease) =>
        new(StoreErrorKind.LeaseEnded, $"lease {lease.Id:x} has ended, and what hung on it is deleted");

    /// <summary>A lease that has not ended.</summary>
    private sealed class Granted(TimeSpan lifetime, ITimer timer)
    {
        public TimeSpan Lifetime => lifetime;

        public ITimer Timer => timer;

        /// <summary>A timestamp: the clock of the wall may be set.</summary>
        public long KeptSince { get; set; }
    }
}
