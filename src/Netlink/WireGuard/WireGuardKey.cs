using System.Runtime.InteropServices;

namespace Netlink.WireGuard;

/// <summary>
/// 32 bytes: a private, public or preshared key. All zeros are no key. As text it is Base64, as <c>wg</c> shows it: keep private and
/// preshared ones out of logs.
/// </summary>
public readonly struct WireGuardKey : IEquatable<WireGuardKey>
{
    /// <summary>WG_KEY_LEN: bytes of a key.</summary>
    public const int Size = 32;

    private readonly UInt128 _first;
    private readonly UInt128 _second;

    /// <summary>Takes the bytes of a key.</summary>
    /// <exception cref="ArgumentException">They are not <see cref="Size"/>.</exception>
    public WireGuardKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"a key of {bytes.Length} bytes instead of {Size}", nameof(bytes));
        _first = MemoryMarshal.Read<UInt128>(bytes);
        _second = MemoryMarshal.Read<UInt128>(bytes[(Size / 2)..]);
    }

    /// <summary>Whether it is no key.</summary>
    public bool IsNone => this == default;

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(WireGuardKey left, WireGuardKey right) => left.Equals(right);

    /// <summary>Whether they differ in a byte.</summary>
    public static bool operator !=(WireGuardKey left, WireGuardKey right) => !left.Equals(right);

    /// <summary>Reads Base64.</summary>
    /// <param name="text">44 characters, the last of them =.</param>
    /// <param name="key">The key; none if it is not one.</param>
    public static bool TryParse(string? text, out WireGuardKey key)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool isKey = text is { Length: 44 } && Convert.TryFromBase64String(text, bytes, out int length) && length == Size;
        key = isKey ? new WireGuardKey(bytes) : default;
        return isKey;
    }

    /// <summary>Writes the bytes of the key.</summary>
    /// <param name="destination">Has room for <see cref="Size"/>.</param>
    public void CopyTo(Span<byte> destination)
    {
        MemoryMarshal.Write(destination, _first);
        MemoryMarshal.Write(destination[(Size / 2)..], _second);
    }

    /// <inheritdoc/>
    public bool Equals(WireGuardKey other) => _first == other._first && _second == other._second;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is WireGuardKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _second);

    /// <summary>Base64.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}
