using System.Net;
using Linux.Addresses;

namespace Ipam;

/// <summary>An address that was given.</summary>
/// <param name="RangeSet">The position of the range set that it came from.</param>
/// <param name="Address">The address with the prefix length of its range's subnet.</param>
/// <param name="Gateway">The gateway of its range; null if that has none.</param>
public readonly record struct Allocation(int RangeSet, IpPrefix Address, IPAddress? Gateway);
