using System.Net;

namespace Agent.Blocks;

/// <summary>An address that no pod is given.</summary>
/// <param name="Network">The network.</param>
/// <param name="Address">The address.</param>
/// <param name="Comment">What it is for; "" if nobody said.</param>
/// <param name="Revision">That of the reservation.</param>
public sealed record ReservedAddress(string Network, IPAddress Address, string Comment, long Revision);
