using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Linux.Addresses;

namespace Netlink.Nftables;

/// <summary>
/// The bytes of a key, a mapped value, a mask or an operand, as they stand in a packet or a register. Two values are equal if their
/// bytes are.
/// </summary>
public readonly struct NftValue : IEquatable<NftValue>
{
    private const int InterfaceNameSize = 16; // IFNAMSIZ, linux/if.h
    private const int RegisterSize = 4; // NFT_REG32_SIZE

    private readonly byte[]? _bytes;

    /// <summary>Takes a copy of raw bytes.</summary>
    public NftValue(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    private NftValue(byte[] bytes) => _bytes = bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Number of bytes.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>An address: 4 or 16 bytes (ipv4_addr, ipv6_addr).</summary>
    public static NftValue Of(IPAddress address) => new(address.GetAddressBytes());

    /// <summary>An Ethernet address: 6 bytes (ether_addr).</summary>
    public static NftValue Of(MacAddress address)
    {
        byte[] bytes = new byte[MacAddress.Size];
        address.CopyTo(bytes);
        return new NftValue(bytes);
    }

    /// <summary>A port: 2 bytes in network byte order (inet_service).</summary>
    public static NftValue Port(ushort port)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, port);
        return new NftValue(bytes);
    }

    /// <summary>One byte: a protocol (IPPROTO_*, inet_proto) or a family (NFPROTO_*).</summary>
    public static NftValue OfByte(byte value) => new([value]);

    /// <summary>Four bytes in the host's byte order: a mark, an interface index, a bit mask of conntrack.</summary>
    public static NftValue OfUInt32(uint value)
    {
        byte[] bytes = new byte[4];
        MemoryMarshal.Write(bytes, value);
        return new NftValue(bytes);
    }

    /// <summary>An interface name, filled with NUL to the 16 bytes that the kernel compares (ifname).</summary>
    /// <exception cref="ArgumentException">Longer than 15 bytes.</exception>
    public static NftValue InterfaceName(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) >= InterfaceNameSize)
            throw new ArgumentException($"interface name '{name}' exceeds 15 bytes", nameof(name));
        byte[] bytes = new byte[InterfaceNameSize];
        _ = Encoding.UTF8.GetBytes(name, bytes);
        return new NftValue(bytes);
    }

    /// <summary>The first bits of an address set, the rest clear: 4 or 16 bytes.</summary>
    public static NftValue PrefixMask(IpPrefix prefix)
    {
        byte[] bytes = new byte[prefix.MaxLength / 8];
        for (int bit = 0; bit < prefix.Length; bit++)
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new NftValue(bytes);
    }

    /// <summary>Several values as one key, each filled to whole registers of four bytes (a concatenation, <c>a . b</c>).</summary>
    public static NftValue Concat(params ReadOnlySpan<NftValue> parts)
    {
        int length = 0;
        foreach (NftValue part in parts)
            length += Pad(part.Length);
        byte[] bytes = new byte[length];
        int at = 0;
        foreach (NftValue part in parts)
        {
            part.Bytes.CopyTo(bytes.AsSpan(at));
            at += Pad(part.Length);
        }
        return new NftValue(bytes);
    }

    /// <summary>Some of the bytes: one part of a concatenation.</summary>
    public NftValue Slice(int start, int length) => new(Bytes.Slice(start, length));

    /// <summary>The number that follows this one, both read in network byte order; null behind the last.</summary>
    public NftValue? Next()
    {
        byte[] bytes = Bytes.ToArray();
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            if (++bytes[i] != 0)
                return new NftValue(bytes);
        }
        return null;
    }

    /// <inheritdoc/>
    public bool Equals(NftValue other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NftValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Whether both hold the same bytes.</summary>
    public static bool operator ==(NftValue left, NftValue right) => left.Equals(right);

    /// <summary>Whether both hold different bytes.</summary>
    public static bool operator !=(NftValue left, NftValue right) => !left.Equals(right);

    internal static int Pad(int length) => (length + RegisterSize - 1) / RegisterSize * RegisterSize;
}
