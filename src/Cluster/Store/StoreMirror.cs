namespace Cluster.Store;

/// <summary>
/// A copy of all values under a prefix that follows the store: listed once, then kept by a watch. Where the watch breaks it goes on behind
/// the last change; where the store has forgotten what came then, or was restored from a backup, it lists again and tells the difference.
/// </summary>
/// <param name="store">Whom it follows.</param>
/// <param name="prefix">Of the keys.</param>
public sealed class StoreMirror(IClusterStore store, string prefix)
{
    // What time does not mend, people do: a certificate, a password.
    private static readonly TimeSpan s_deniedDelay = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100), s_longestDelay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, StoredValue> _values = new(StringComparer.Ordinal);
    private long _revision;

    /// <summary>The values by key. Changes only while <see cref="RunAsync"/> waits for what it calls.</summary>
    public IReadOnlyDictionary<string, StoredValue> Values => _values;

    /// <summary>Whether all is known that the store held at some moment.</summary>
    public bool IsFilled { get; private set; }

    /// <summary>Why the store is not followed now, as a sentence; null if it is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Told of each failure that will be tried again; null if nobody listens.</summary>
    public Action<StoreException>? Failed { get; init; }

    /// <summary>Told when the store is followed again behind a failure; null if nobody listens.</summary>
    public Action? Recovered { get; init; }

    /// <summary>Waits before something is tried again; tests wait otherwise.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Follows the store until it is told to end.</summary>
    /// <param name="apply">
    /// Told what has changed since it was told last, in the order of revisions, behind the first listing also if that is nothing. What a
    /// new listing lacks counts as deleted, or as lost if the store was restored. Never called twice at a time.
    /// </param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="StoreException">
    /// The store refuses for a reason that time does not mend, and has never answered: behind that, what is known stays, and it is asked
    /// again.
    /// </exception>
    public async Task RunAsync(Func<IReadOnlyList<StoreChange>, ValueTask> apply, CancellationToken cancel)
    {
        TimeSpan delay = s_firstDelay;
        bool mustList = true, isRestored = false;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (mustList)
                {
                    await apply(Take(await store.ListAsync(prefix, cancel), isRestored));
                    IsFilled = true;
                    mustList = isRestored = false;
                }
                await foreach (IReadOnlyList<StoreChange> batch in store.WatchAsync(prefix, Here(), cancel))
                {
                    delay = s_firstDelay;
                    Recover();
                    foreach (StoreChange change in batch)
                        Take(change);
                    if (batch.Count > 0)
                        await apply(batch);
                }
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Compacted or StoreErrorKind.Restored)
            {
                mustList = true;
                isRestored |= e.Kind == StoreErrorKind.Restored;
                Fail(e);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable)
            {
                Fail(e);
                // Not all nodes at the same moment, when the store is back.
                await Wait(delay * (0.5 + Random.Shared.NextDouble()), cancel);
                delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
            }
            catch (StoreException e) when (IsFilled)
            {
                Fail(e);
                await Wait(s_deniedDelay, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private StorePoint Here()
    {
        long newest = _values.Count > 0 ? _values.Values.Max(static value => value.Revision) : 0;
        return new StorePoint(_revision, _values.Count, [.. _values.Values.Where(value => value.Revision == newest)]);
    }

    private void Fail(StoreException failure)
    {
        Problem = failure.Message;
        Failed?.Invoke(failure);
    }

    private void Recover()
    {
        if (Problem is null)
            return;
        Problem = null;
        Recovered?.Invoke();
    }

    private List<StoreChange> Take(StoreListing listing, bool isRestored)
    {
        List<StoreChange> changes = [];
        HashSet<string> present = [.. listing.Values.Select(static value => value.Key)];
        foreach (string gone in _values.Keys.Where(key => !present.Contains(key)).ToArray())
            changes.Add(new StoreChange(gone, null, listing.Revision, isRestored ? _values[gone] : null));
        // A restored store counts anew, so the same revision need not be the same value.
        foreach (StoredValue value in listing.Values)
        {
            if (!_values.TryGetValue(value.Key, out StoredValue? known) || !IsSame(known, value))
                changes.Add(new StoreChange(value.Key, value, value.Revision));
        }
        foreach (StoreChange change in changes)
            Take(change);
        _revision = listing.Revision;
        return changes;
    }

    private static bool IsSame(StoredValue known, StoredValue value) =>
        known.Revision == value.Revision && known.Bytes.Span.SequenceEqual(value.Bytes.Span);

    private void Take(StoreChange change)
    {
        if (change.Value is { } value)
            _values[change.Key] = value;
        else
            _ = _values.Remove(change.Key);
        _revision = Math.Max(_revision, change.Revision);
    }
}
