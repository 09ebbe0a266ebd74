namespace Ipam;

/// <summary>Whether the holder of a lease still exists.</summary>
public enum Liveness
{
    Alive,
    Dead,

    /// <summary>It cannot be told; counts as alive.</summary>
    Unknown,
}

/// <summary>What the kernel and the runtimes know about attachments, beside the store.</summary>
public interface ILeaseEvidence
{
    /// <summary>Whether the attachment that holds a lease still exists. Called while the store is locked.</summary>
    Liveness Probe(Lease lease);

    /// <summary>
    /// The attachments of this network that can be found without a store: asked whenever a store is created, so that one that was
    /// lost or damaged gives no address a second time.
    /// </summary>
    IEnumerable<Lease> FindInKernel();
}
