namespace Cluster.Store;

/// <summary>All values under a prefix at one moment.</summary>
/// <param name="Values">By key, in ordinal order.</param>
/// <param name="Revision">The moment: a watch behind it tells everything that came later, and nothing twice.</param>
public sealed record StoreListing(IReadOnlyList<StoredValue> Values, long Revision);
