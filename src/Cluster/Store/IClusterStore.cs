namespace Cluster.Store;

/// <summary>
/// What all nodes know in common: keys with values, and four operations on them. A store on one host, etcd and whatever else comes are the
/// same to all that is built on it; tests/Cluster.Tests/StoreContractTests.cs is what each of them promises.
/// </summary>
/// <remarks>
/// All operations throw <see cref="StoreException"/>, and end early with <see cref="OperationCanceledException"/> if told so.
/// </remarks>
public interface IClusterStore : IAsyncDisposable
{
    /// <summary>Reads all values whose keys begin with a prefix, as they were at one moment, and not before this call.</summary>
    Task<StoreListing> ListAsync(string prefix, CancellationToken cancel);

    /// <summary>Does a transaction.</summary>
    /// <returns>Its revision; null if something did not hold that it expected, and nothing was done.</returns>
    /// <exception cref="StoreException">
    /// <see cref="StoreErrorKind.Unavailable"/>: it is not known whether it was done. <see cref="StoreErrorKind.LeaseEnded"/>: nothing was.
    /// </exception>
    Task<long?> CommitAsync(StoreTransaction transaction, CancellationToken cancel);

    /// <summary>
    /// Tells what changes under a prefix, in the order of revisions, each transaction whole, until it is told to end. Only a revision that
    /// was told completely is told as the last of its batch. A batch without changes says that the watch stands and has missed nothing; the
    /// first one does that, as soon as it is so.
    /// </summary>
    /// <param name="prefix">Of the keys.</param>
    /// <param name="after">That of a listing, or of the last batch: only later changes are told.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="StoreException">
    /// <see cref="StoreErrorKind.Compacted"/>: list again. <see cref="StoreErrorKind.Restored"/>: list again, and what is missing was lost.
    /// <see cref="StoreErrorKind.Unavailable"/>: go on behind the last batch.
    /// </exception>
    IAsyncEnumerable<IReadOnlyList<StoreChange>> WatchAsync(string prefix, StorePoint after, CancellationToken cancel);

    /// <summary>Makes a lease.</summary>
    /// <param name="lifetime">How long it is to live without being kept alive; the store may choose more.</param>
    /// <param name="cancel">Ends the call.</param>
    Task<StoreLease> GrantAsync(TimeSpan lifetime, CancellationToken cancel);

    /// <summary>Keeps a lease alive for its whole lifetime from now on.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.LeaseEnded"/>: it is too late, and its values are gone.</exception>
    Task KeepAliveAsync(StoreLease lease, CancellationToken cancel);

    /// <summary>Ends a lease now. It is no error if it has ended already.</summary>
    Task RevokeAsync(StoreLease lease, CancellationToken cancel);
}
