namespace Cluster.Store;

/// <summary>
/// Changes that happen together or not at all, if what was read before still holds. Each key is put or deleted once at most.
/// </summary>
public sealed class StoreTransaction
{
    private readonly List<(string Key, long Revision)> _expectations = [];
    private readonly List<(string Key, ReadOnlyMemory<byte>? Bytes, StoreLease? Lease)> _changes = [];

    /// <summary>What must hold: each key with the revision of its value, 0 if it must be absent.</summary>
    public IReadOnlyList<(string Key, long Revision)> Expectations => _expectations;

    /// <summary>What is to be done: each key with its new value, null to delete it, and the lease with which the value ends.</summary>
    public IReadOnlyList<(string Key, ReadOnlyMemory<byte>? Bytes, StoreLease? Lease)> Changes => _changes;

    /// <summary>The transaction happens only if a key has still the value of this revision.</summary>
    public StoreTransaction Expect(StoredValue read) => Expect(read.Key, read.Revision);

    /// <summary>The transaction happens only if nothing stands under a key.</summary>
    public StoreTransaction ExpectAbsent(string key) => Expect(key, 0);

    /// <summary>Puts a value, whatever is there.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="bytes">The value.</param>
    /// <param name="lease">Deletes the value when it ends; null to keep it.</param>
    public StoreTransaction Put(string key, ReadOnlyMemory<byte> bytes, StoreLease? lease = null) => Change(key, bytes, lease);

    /// <summary>Deletes what stands under a key, if there is something.</summary>
    public StoreTransaction Delete(string key) => Change(key, null, null);

    private StoreTransaction Expect(string key, long revision)
    {
        _expectations.Add((key, revision));
        return this;
    }

    private StoreTransaction Change(string key, ReadOnlyMemory<byte>? bytes, StoreLease? lease)
    {
        if (_changes.Exists(change => change.Key == key))
            throw new ArgumentException($"the transaction changes {key} already", nameof(key));
        _changes.Add((key, bytes, lease));
        return this;
    }
}
