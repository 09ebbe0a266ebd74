using System.Net;
using Linux.Addresses;

namespace Ipam;

/// <summary>A run of addresses of one subnet that may be given, its gateway excepted.</summary>
public sealed record IpRange
{
    private IpRange(IpPrefix subnet, UInt128 first, UInt128 last, IPAddress? gateway)
    {
        Subnet = subnet;
        First = first;
        Last = last;
        Gateway = gateway;
    }

    /// <summary>The subnet, without host bits.</summary>
    public IpPrefix Subnet { get; }

    /// <summary>The first address that may be given.</summary>
    public IPAddress Start => IpText.FromUInt128(First, Family);

    /// <summary>The last address that may be given.</summary>
    public IPAddress End => IpText.FromUInt128(Last, Family);

    /// <summary>Never given; it may lie outside the range and even outside the subnet. Null if there is none.</summary>
    public IPAddress? Gateway { get; }

    public IpFamily Family => Subnet.Family;

    internal UInt128 First { get; }

    internal UInt128 Last { get; }

    /// <summary>
    /// The runs of addresses that a configuration describes. What it leaves out is filled in as the reference does: gateway and start are
    /// the subnet's second address, the end is its last address but one for IPv4 (the last is the broadcast address) and the very last
    /// for IPv6.
    /// </summary>
    /// <param name="subnet">The subnet.</param>
    /// <param name="start">The first address; null for the subnet's.</param>
    /// <param name="end">The last address; null for the subnet's.</param>
    /// <param name="gateway">The gateway; null for the subnet's.</param>
    /// <param name="excluded">Parts of the subnet that are not given.</param>
    /// <returns>
    /// Usually one. Whatever start and end are, the addresses of the network and of the broadcast are in none: IPv6 keeps the first one
    /// for routers (RFC 4291, 2.6.1). A subnet of one or two addresses has neither (RFC 3021, RFC 6164), and no room for a gateway that
    /// nobody asked for.
    /// </returns>
    /// <exception cref="IpamException">InvalidRange: the message names key and value.</exception>
    public static IReadOnlyList<IpRange> Create(
        IpPrefix subnet,
        IPAddress? start = null,
        IPAddress? end = null,
        IPAddress? gateway = null,
        IReadOnlyList<IpPrefix>? excluded = null)
    {
        if (!subnet.IsMasked)
            throw Invalid($"subnet {subnet} has host bits set: write {subnet.Masked}");
        bool isTiny = subnet.MaxLength - subnet.Length < 2;
        UInt128 network = subnet.Network.ToUInt128();
        UInt128 broadcast = subnet.Broadcast.ToUInt128();
        UInt128 lowest = isTiny ? network : network + 1;
        UInt128 highest = isTiny || subnet.IsIPv6 ? broadcast : broadcast - 1;
        if (start is not null && !subnet.Contains(start))
            throw Invalid($"rangeStart {IpText.Format(start)} is not in subnet {subnet}");
        if (end is not null && !subnet.Contains(end))
            throw Invalid($"rangeEnd {IpText.Format(end)} is not in subnet {subnet}");
        UInt128 first = start?.ToUInt128() ?? lowest;
        UInt128 last = end?.ToUInt128() ?? highest;
        if (first > last)
            throw Invalid($"rangeStart {Format(first)} comes after rangeEnd {Format(last)}");
        if (gateway is not null && gateway.Family != subnet.Family)
            throw Invalid($"gateway {IpText.Format(gateway)} is not of the family of subnet {subnet}");
        if (gateway is null && !isTiny)
            gateway = IpText.FromUInt128(lowest, subnet.Family);

        List<(UInt128 First, UInt128 Last)> runs = [];
        if (first <= highest && last >= lowest)
            runs.Add((UInt128.Max(first, lowest), UInt128.Min(last, highest)));
        foreach (IpPrefix prefix in excluded ?? [])
        {
            if (prefix.Length < subnet.Length || !subnet.Contains(prefix.Address))
                throw Invalid($"exclude {prefix} is not in subnet {subnet}");
            runs = [.. runs.SelectMany(run => Without(run, prefix.Network.ToUInt128(), prefix.Broadcast.ToUInt128()))];
        }
        return [.. runs.Select(run => new IpRange(subnet, run.First, run.Last, gateway))];

        string Format(UInt128 address) => IpText.Format(IpText.FromUInt128(address, subnet.Family));
    }

    public bool Contains(IPAddress address) => address.Family == Family && Contains(address.ToUInt128());

    public bool Overlaps(IpRange other) => Family == other.Family && First <= other.Last && other.First <= Last;

    /// <summary>The form of error messages: <c>10.1.0.2-10.1.0.9</c>.</summary>
    public override string ToString() => $"{IpText.Format(Start)}-{IpText.Format(End)}";

    internal bool Contains(UInt128 address) => First <= address && address <= Last;

    /// <summary>What is left of a run in front of some addresses and behind them.</summary>
    private static IEnumerable<(UInt128 First, UInt128 Last)> Without((UInt128 First, UInt128 Last) run, UInt128 from, UInt128 to)
    {
        if (run.First < from)
            yield return (run.First, UInt128.Min(run.Last, from - 1));
        if (run.Last > to)
            yield return (UInt128.Max(run.First, to + 1), run.Last);
    }

    private static IpamException Invalid(string message) => new(IpamErrorKind.InvalidRange, message);
}
