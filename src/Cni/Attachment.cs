namespace Cni;

/// <summary>One interface of one container in the network at hand: what an ADD makes and a DEL removes.</summary>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="IfName">CNI_IFNAME.</param>
public readonly record struct Attachment(string ContainerId, string IfName);
