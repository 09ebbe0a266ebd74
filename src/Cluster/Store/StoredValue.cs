namespace Cluster.Store;

/// <summary>What a store holds under a key.</summary>
/// <param name="Key">Its name, parts separated by <c>/</c>.</param>
/// <param name="Bytes">The value, as it was put.</param>
/// <param name="Revision">
/// That of the transaction which put it. A store's revisions grow with every transaction that changes something.
/// </param>
public sealed record StoredValue(string Key, ReadOnlyMemory<byte> Bytes, long Revision);
