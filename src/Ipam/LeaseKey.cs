namespace Ipam;

/// <summary>Who holds addresses: one interface of one container.</summary>
public readonly record struct LeaseKey
{
    // No container ID has a space, so nobody's DEL meets these.
    private const string UnknownPrefix = "found in ";

    /// <param name="containerId">CNI_CONTAINERID; white space around it does not count.</param>
    /// <param name="ifName">
    /// CNI_IFNAME; empty where the reference recorded the container alone, which then stands for every interface.
    /// </param>
    public LeaseKey(string containerId, string ifName)
    {
        ContainerId = containerId.Trim();
        IfName = ifName;
    }

    public string ContainerId { get; }

    public string IfName { get; }

    /// <summary>False for an interface of which nobody could tell whose it is.</summary>
    public bool IsKnown => !ContainerId.StartsWith(UnknownPrefix, StringComparison.Ordinal);

    /// <summary>Stands for an attachment of which only the interface was found.</summary>
    /// <param name="place">Where: a path or an interface.</param>
    /// <param name="ifName">The interface.</param>
    public static LeaseKey Unknown(string place, string ifName) => new(UnknownPrefix + place, ifName);

    public override string ToString() => IfName.Length == 0 ? ContainerId : $"{ContainerId} {IfName}";
}
