namespace Ipam;

/// <summary>What the kernel and the runtimes know about attachments, beside the store.</summary>
public interface ILeaseEvidence
{
    /// <summary>Of the leases that are given now.</summary>
    LeaseOrigin Origin => default;

    /// <summary>Whether the attachment that holds a lease still exists. Called while the store is locked.</summary>
    Liveness Probe(Lease lease);

    /// <summary>Whether the ADD that got a lease is still running, so that nobody can have been told of it yet.</summary>
    bool IsBeingMade(Lease lease) => false;

    /// <summary>
    /// Removes everything that dead attachments have left, so that their addresses may be another's: called while the store is locked,
    /// before their leases are dropped.
    /// </summary>
    void Reclaim(IReadOnlyCollection<Lease> dead)
    {
    }

    /// <summary>
    /// The attachments of this network that can be found without a store: asked whenever a store is created, so that one that was
    /// lost or damaged gives no address a second time.
    /// </summary>
    IEnumerable<Lease> FindInKernel();
}
