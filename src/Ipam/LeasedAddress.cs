using System.Net;

namespace Ipam;

/// <summary>One address of a lease.</summary>
/// <param name="RangeSet">The position of its range set in the configuration that gave it; -1 if somebody else gave it.</param>
/// <param name="Address">The address.</param>
public readonly record struct LeasedAddress(int RangeSet, IPAddress Address);
