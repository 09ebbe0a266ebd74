namespace Cluster.Store;

/// <summary>A key that has another value than before, or none any more.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">What is there now; null if it was deleted, or its lease ended.</param>
/// <param name="Revision">That of the transaction.</param>
/// <param name="Lost">
/// What stood there until the store was restored from a backup that lacks it, which is not a deletion: it can be put again.
/// </param>
public sealed record StoreChange(string Key, StoredValue? Value, long Revision, StoredValue? Lost = null);
