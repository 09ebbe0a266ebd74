using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Linux.Addresses;

/// <summary>
/// IP addresses as text by the rules of Go's net package, which every CNI peer follows: no leading zeros, no hexadecimal or short
/// IPv4 forms, no zones; an IPv4-mapped IPv6 address is the IPv4 address.
/// </summary>
public static class IpText
{
    /// <summary>Parses an address strictly.</summary>
    public static bool TryParse(string? text, out IPAddress address)
    {
        address = IPAddress.None;
        if (string.IsNullOrEmpty(text))
            return false;
        if (!text.Contains(':'))
            return TryParseIPv4(text, out address);
        if (text.Contains('%') || text.Contains('[') || text.Contains('/') || !HasStrictTail(text))
            return false;
        if (!IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    /// <summary>Go's canonical text: dotted quad, or lower-case hexadecimal with the longest run of zeros compressed.</summary>
    public static string Format(IPAddress address)
    {
        if (!address.IsIPv6)
            return address.ToString();
        // IPAddress.ToString writes the last 32 bits of ::/96 and of ISATAP addresses as a dotted quad; Go never does.
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        (int zeroStart, int zeroLength) = LongestZeroRun(bytes);
        StringBuilder text = new(39);
        for (int group = 0; group < 8; group++)
        {
            if (group == zeroStart)
            {
                _ = text.Append("::");
                group += zeroLength - 1;
                continue;
            }
            if (group > 0 && text[^1] != ':')
                _ = text.Append(':');
            _ = text.Append(BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * group)..]).ToString("x", CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    /// <summary>The address whose bits are a number: the low 32 for IPv4.</summary>
    public static IPAddress FromUInt128(UInt128 value, IpFamily family)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return new IPAddress(family.IsIPv6 ? bytes : bytes[12..]);
    }

    extension(IPAddress address)
    {
        public bool IsIPv6 => address.AddressFamily == AddressFamily.InterNetworkV6;

        public IpFamily Family => address.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;

        /// <summary>The address as a number: 32 bits for IPv4, 128 for IPv6.</summary>
        public UInt128 ToUInt128()
        {
            Span<byte> bytes = stackalloc byte[16];
            _ = address.TryWriteBytes(bytes, out int length);
            return length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.None;
        Span<byte> bytes = stackalloc byte[4];
        int count = 0;
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> octet = text[part];
            if (count == 4 || octet.Length is 0 or > 3 || (octet.Length > 1 && octet[0] == '0')
                || !byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count++]))
            {
                return false;
            }
        }
        if (count != 4)
            return false;
        address = new IPAddress(bytes);
        return true;
    }

    /// <summary>An embedded dotted quad must itself be strict.</summary>
    private static bool HasStrictTail(string text) =>
        !text.Contains('.') || TryParseIPv4(text.AsSpan(text.LastIndexOf(':') + 1), out _);

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> bytes)
    {
        (int start, int length) = (-1, 1);
        for (int i = 0; i < 8; i++)
        {
            int end = i;
            while (end < 8 && bytes[2 * end] == 0 && bytes[(2 * end) + 1] == 0)
                end++;
            if (end - i > length)
                (start, length) = (i, end - i);
            i = Math.Max(i, end);
        }
        return (start, length);
    }
}
