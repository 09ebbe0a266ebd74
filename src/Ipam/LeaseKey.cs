namespace Ipam;

/// <summary>Who holds addresses: one interface of one container.</summary>
public readonly record struct LeaseKey
{
    /// <param name="containerId">CNI_CONTAINERID; white space around it does not count.</param>
    /// <param name="ifName">CNI_IFNAME; empty where the reference recorded the container alone, which then stands for every interface.</param>
    public LeaseKey(string containerId, string ifName)
    {
        ContainerId = containerId.Trim();
        IfName = ifName;
    }

    public string ContainerId { get; }

    public string IfName { get; }

    public override string ToString() => IfName.Length == 0 ? ContainerId : $"{ContainerId} {IfName}";
}
