namespace Dhcp.Client;

/// <summary>Hears what becomes of a lease.</summary>
internal interface ILeaseOwner
{
    /// <summary>The first address is there, or it was renewed, perhaps as another.</summary>
    void LeaseChanged();

    /// <summary>No address was found.</summary>
    /// <param name="failure">The whole story.</param>
    void AcquisitionFailed(Exception failure);

    /// <summary>No server renewed the lease in time.</summary>
    void LeaseExpired();

    /// <summary>There is no interface any more that the lease could serve.</summary>
    void LinkGone(string reason);

    /// <summary>Says something to the operator.</summary>
    void Log(string message);
}
