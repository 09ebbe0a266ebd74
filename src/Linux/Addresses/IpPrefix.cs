using System.Globalization;
using System.Net;

namespace Linux.Addresses;

/// <summary>
/// An address with the length of its network prefix. The host bits stay: <c>10.1.2.3/24</c> is an interface's address
/// (System.Net.IPNetwork clears them since .NET 10).
/// </summary>
public readonly record struct IpPrefix(IPAddress Address, int Length)
{
    public bool IsIPv6 => Address.IsIPv6;

    public IpFamily Family => Address.Family;

    /// <summary>The longest possible prefix of the family: 32 or 128.</summary>
    public int MaxLength => Family.AddressBits;

    /// <summary>The first address: all host bits 0.</summary>
    public IPAddress Network => IpText.FromUInt128(Address.ToUInt128() & ~HostMask, Family);

    /// <summary>The last address: all host bits 1.</summary>
    public IPAddress Broadcast => IpText.FromUInt128(Address.ToUInt128() | HostMask, Family);

    /// <summary>The same prefix without host bits.</summary>
    public IpPrefix Masked => new(Network, Length);

    /// <summary>Whether no host bit is set.</summary>
    public bool IsMasked => (Address.ToUInt128() & HostMask) == 0;

    // A shift by the full width would shift by nothing, hence the two steps.
    private UInt128 HostMask => Length == MaxLength ? 0 : UInt128.MaxValue >> (127 - (MaxLength - Length - 1));

    /// <summary>A prefix that holds one address.</summary>
    public static IpPrefix Host(IPAddress address) => new(address, address.Family.AddressBits);

    /// <summary>Parses <c>address/length</c>; both strict, as Go's net.ParseCIDR is.</summary>
    public static bool TryParse(string? text, out IpPrefix prefix)
    {
        prefix = default;
        int slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !IpText.TryParse(text![..slash], out IPAddress address))
            return false;
        ReadOnlySpan<char> digits = text.AsSpan(slash + 1);
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            return false;
        }
        // ::ffff:10.0.0.1/120 counts its length in the 128-bit form.
        if (text.AsSpan(0, slash).Contains(':') && !address.IsIPv6)
            length -= 96;
        if (length < 0 || length > address.Family.AddressBits)
            return false;
        prefix = new IpPrefix(address, length);
        return true;
    }

    /// <summary>Whether an address of the same family lies inside.</summary>
    public bool Contains(IPAddress address) =>
        address.IsIPv6 == IsIPv6 && (address.ToUInt128() & ~HostMask) == (Address.ToUInt128() & ~HostMask);

    public override string ToString() => string.Concat(IpText.Format(Address), "/", Length.ToString(CultureInfo.InvariantCulture));
}
