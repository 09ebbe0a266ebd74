using Linux.Addresses;

namespace Plugins.Interfaces;

/// <summary>A link that lives in the pod's namespace alone, and ends with it.</summary>
/// <param name="Index">Its ifindex.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Mtu">Bytes.</param>
internal sealed record PlainPodLink(int Index, MacAddress Mac, int Mtu) : IPodLink;
