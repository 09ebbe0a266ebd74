using System.Net;
using Linux;

namespace Ipam;

/// <summary>A run of addresses of one subnet that may be given, its gateway excepted.</summary>
public sealed record IpRange
{
    private IpRange(IpPrefix subnet, IPAddress start, IPAddress end, IPAddress gateway)
    {
        Subnet = subnet;
        Start = start;
        End = end;
        Gateway = gateway;
        First = start.ToUInt128();
        Last = end.ToUInt128();
    }

    /// <summary>The subnet, without host bits.</summary>
    public IpPrefix Subnet { get; }

    /// <summary>The first address that may be given.</summary>
    public IPAddress Start { get; }

    /// <summary>The last address that may be given.</summary>
    public IPAddress End { get; }

    /// <summary>Never given; it may lie outside the range and even outside the subnet.</summary>
    public IPAddress Gateway { get; }

    public bool IsIPv6 => Subnet.IsIPv6;

    internal UInt128 First { get; }

    internal UInt128 Last { get; }

    /// <summary>
    /// Fills in what a configuration leaves out, as the reference does: gateway and start are the subnet's second address, the end
    /// is its last address but one for IPv4 (the last is the broadcast address) and the very last for IPv6.
    /// </summary>
    /// <exception cref="IpamException">InvalidRange: the message names key and value.</exception>
    public static IpRange Create(IpPrefix subnet, IPAddress? start = null, IPAddress? end = null, IPAddress? gateway = null)
    {
        if (!subnet.IsMasked)
            throw Invalid($"subnet {subnet} has host bits set: write {subnet.Masked}");
        if (subnet.MaxLength - subnet.Length < 2)
            throw Invalid($"subnet {subnet} is too small: /{subnet.MaxLength - 2} is the smallest that has addresses to give");

        UInt128 network = subnet.Network.ToUInt128();
        UInt128 last = subnet.Broadcast.ToUInt128() - (subnet.IsIPv6 ? UInt128.Zero : UInt128.One);
        IPAddress second = IpText.FromUInt128(network + 1, subnet.IsIPv6);
        start ??= second;
        end ??= IpText.FromUInt128(last, subnet.IsIPv6);
        gateway ??= second;
        if (!subnet.Contains(start))
            throw Invalid($"rangeStart {IpText.Format(start)} is not in subnet {subnet}");
        if (!subnet.Contains(end))
            throw Invalid($"rangeEnd {IpText.Format(end)} is not in subnet {subnet}");
        if (start.ToUInt128() > end.ToUInt128())
            throw Invalid($"rangeStart {IpText.Format(start)} comes after rangeEnd {IpText.Format(end)}");
        if (gateway.IsIPv6 != subnet.IsIPv6)
            throw Invalid($"gateway {IpText.Format(gateway)} is not of the family of subnet {subnet}");
        return new IpRange(subnet, start, end, gateway);
    }

    public bool Contains(IPAddress address) => address.IsIPv6 == IsIPv6 && Contains(address.ToUInt128());

    public bool Overlaps(IpRange other) => IsIPv6 == other.IsIPv6 && First <= other.Last && other.First <= Last;

    /// <summary>The form of error messages: <c>10.1.0.2-10.1.0.9</c>.</summary>
    public override string ToString() => $"{IpText.Format(Start)}-{IpText.Format(End)}";

    internal bool Contains(UInt128 address) => First <= address && address <= Last;

    private static IpamException Invalid(string message) => new(IpamErrorKind.InvalidRange, message);
}
