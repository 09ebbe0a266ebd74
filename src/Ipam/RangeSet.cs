using System.Net;
using Linux.Addresses;

namespace Ipam;

/// <summary>Ranges of one family that together give one address to each attachment.</summary>
public sealed class RangeSet
{
    /// <exception cref="IpamException">InvalidRange: no range, two families, or ranges that overlap.</exception>
    public RangeSet(params IReadOnlyList<IpRange> ranges)
    {
        if (ranges.Count == 0)
        {
            throw new IpamException(
                IpamErrorKind.InvalidRange, "ranges holds an empty range set: give it a range of which addresses are left");
        }
        foreach ((int i, IpRange range) in ranges.Index())
        {
            if (range.Family != ranges[0].Family)
                throw new IpamException(
                    IpamErrorKind.InvalidRange,
                    $"ranges {ranges[0]} and {range} are of different families: put them into range sets of their own");
            foreach (IpRange earlier in ranges.Take(i))
            {
                if (earlier.Overlaps(range))
                    throw new IpamException(IpamErrorKind.InvalidRange, $"ranges {earlier} and {range} of one range set overlap");
            }
        }
        Ranges = ranges;
    }

    public IReadOnlyList<IpRange> Ranges { get; }

    public IpFamily Family => Ranges[0].Family;

    /// <summary>How many addresses it can give: gateways do not count.</summary>
    public UInt128 Capacity
    {
        get
        {
            UInt128 capacity = 0;
            foreach (IpRange range in Ranges)
            {
                // Only ::/0 as a whole has a number of addresses that does not fit.
                UInt128 size = range.Last - range.First;
                capacity += size == UInt128.MaxValue ? size : size + 1;
            }
            foreach (UInt128 gateway in Gateways())
            {
                if (Contains(gateway))
                    capacity--;
            }
            return capacity;
        }
    }

    /// <summary>Refuses sets that share addresses.</summary>
    /// <exception cref="IpamException">InvalidRange: the message names both ranges.</exception>
    public static void RequireDisjoint(IReadOnlyList<RangeSet> sets)
    {
        foreach ((int i, RangeSet set) in sets.Index())
        {
            foreach ((int j, RangeSet earlier) in sets.Take(i).Index())
            {
                foreach (IpRange range in set.Ranges)
                {
                    if (earlier.Ranges.FirstOrDefault(range.Overlaps) is { } other)
                        throw new IpamException(
                            IpamErrorKind.InvalidRange, $"range {other} of range set {j} and range {range} of range set {i} overlap");
                }
            }
        }
    }

    public bool Contains(IPAddress address) => Find(address) is not null;

    /// <summary>The range that holds an address; null if none does.</summary>
    public IpRange? Find(IPAddress address) => Ranges.FirstOrDefault(range => range.Contains(address));

    /// <summary>The form of error messages: <c>10.1.0.2-10.1.0.9,10.1.1.2-10.1.1.9</c>.</summary>
    public override string ToString() => string.Join(',', Ranges);

    internal bool Contains(UInt128 address) => Ranges.Any(range => range.Contains(address));

    internal bool IsGateway(UInt128 address) => Ranges.Any(range => range.Gateway?.ToUInt128() == address);

    private HashSet<UInt128> Gateways() => [.. Ranges.Select(range => range.Gateway?.ToUInt128()).OfType<UInt128>()];
}
