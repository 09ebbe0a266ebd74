using Linux.Addresses;

namespace Ipam;

/// <summary>The part of a plan that is one range set's.</summary>
/// <param name="Family">The family.</param>
/// <param name="Last">The address that was given before them; null if none was.</param>
/// <param name="Next">The addresses, in the order in which they are given.</param>
internal sealed record PlannedSet(IpFamily Family, UInt128? Last, IReadOnlyList<UInt128> Next);
