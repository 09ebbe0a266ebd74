using System.Buffers.Binary;
using System.Globalization;

namespace Linux.Addresses;

/// <summary>An Ethernet address, 48 bits.</summary>
public readonly record struct MacAddress
{
    /// <summary>Octets of an address (ETH_ALEN, linux/if_ether.h).</summary>
    public const int Size = 6;

    private readonly ulong _value;

    private MacAddress(ulong value) => _value = value;

    /// <summary>Reads an address from six octets.</summary>
    public MacAddress(ReadOnlySpan<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(octets.Length, Size);
        _value = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(octets) << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets[2..]);
    }

    /// <summary>Whether frames can be sent from it: neither a group address nor all zeros.</summary>
    public bool IsUnicast => _value != 0 && (_value >> 40 & 1) == 0;

    /// <summary>Parses <c>aa:bb:cc:dd:ee:ff</c>, the same with '-', or <c>aabb.ccdd.eeff</c>, in either case.</summary>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        if (text is null)
            return false;
        (int groups, int digits, char separator) = text.Length == 14 ? (3, 4, '.') : (6, 2, text.Length > 2 ? text[2] : '\0');
        if (text.Length != (groups * (digits + 1)) - 1 || separator is not (':' or '-' or '.') || (digits == 2 && separator == '.'))
            return false;
        ulong value = 0;
        for (int group = 0, at = 0; group < groups; group++, at += digits + 1)
        {
            if (group > 0 && text[at - 1] != separator)
                return false;
            if (!ushort.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort part))
                return false;
            value = (value << (4 * digits)) | part;
        }
        address = new MacAddress(value);
        return true;
    }

    /// <summary>A random unicast address, locally administered.</summary>
    public static MacAddress Random() =>
        new(((ulong)System.Random.Shared.NextInt64(1L << 48) & ~(1UL << 40)) | (1UL << 41));

    /// <summary>Writes the six octets in transmission order.</summary>
    public void CopyTo(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)(_value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(octets[2..], (uint)_value);
    }

    public override string ToString() => string.Create(17, _value, static (text, value) =>
    {
        const string Hex = "0123456789abcdef";
        for (int i = 0; i < 17; i++)
            text[i] = i % 3 == 2 ? ':' : Hex[(int)(value >> (44 - (4 * ((i / 3 * 2) + (i % 3)))) & 0xF)];
    });
}
