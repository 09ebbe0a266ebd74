namespace Cluster.Store;

/// <summary>Why a store did not do what it was asked.</summary>
public enum StoreErrorKind
{
    /// <summary>It did not answer, or said that it cannot now. Nothing is known of a transaction: read before it is tried again.</summary>
    Unavailable,

    /// <summary>What happened behind the revision of a watch is forgotten: list again.</summary>
    Compacted,

    /// <summary>
    /// The store is not the one that it was: restored from a backup, or made anew. List again; what is missing then nobody has deleted.
    /// </summary>
    Restored,

    /// <summary>It does not know who asks, or does not let them.</summary>
    Denied,

    /// <summary>The lease has ended, or was never there.</summary>
    LeaseEnded,

    /// <summary>What was asked is wrong, or what answers is no such store.</summary>
    Invalid,
}
