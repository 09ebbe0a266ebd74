namespace Cluster.Store;

/// <summary>
/// Up to where a follower knows what happened under a prefix, and by what it would notice that the store's past has changed.
/// </summary>
/// <param name="Revision">Everything up to it is known.</param>
/// <param name="Count">How many values stood under the prefix then; null if nobody counted.</param>
/// <param name="Newest">Those of them which were put last, all by one transaction; null if nobody looked.</param>
public readonly record struct StorePoint(long Revision, int? Count = null, IReadOnlyList<StoredValue>? Newest = null)
{
    /// <summary>A point of which no more than its revision is known.</summary>
    public static implicit operator StorePoint(long revision) => FromInt64(revision);

    /// <summary>A point of which no more than its revision is known.</summary>
    public static StorePoint FromInt64(long revision) => new(revision);
}
