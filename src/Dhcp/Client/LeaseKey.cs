namespace Dhcp.Client;

/// <summary>Whose lease it is: an attachment of a network.</summary>
internal readonly record struct LeaseKey(string Network, string ContainerId, string IfName)
{
    public override string ToString() => $"{ContainerId}/{Network}/{IfName}";
}
