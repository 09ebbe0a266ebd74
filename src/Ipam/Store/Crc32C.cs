using System.Buffers.Binary;
using System.Numerics;

namespace Ipam.Store;

/// <summary>The checksum of everything that the store writes (Castagnoli's polynomial, RFC 3720 B.4): LiteDB's pages have none.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    /// <param name="bytes">What is to be vouched for.</param>
    /// <param name="seed">What the bytes must belong to: the same bytes elsewhere have another checksum.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint seed)
    {
        uint crc = ~seed;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
