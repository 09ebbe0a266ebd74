using System.Buffers.Binary;
using System.Numerics;

namespace Ipam;

/// <summary>Which of 16,384 neighbouring addresses are held: one bit each, little-endian.</summary>
internal sealed class AddressBlock(BlockKey key, byte[] bits)
{
    public const int SizeBits = 14;
    public const int Size = 1 << SizeBits;
    public const int ByteCount = Size / 8;

    public BlockKey Key { get; } = key;

    public byte[] Bits { get; } = bits;

    public int CountHeld() => CountHeld(Key.First, Key.Last);

    /// <summary>How many addresses from one to another, both in this block, are held.</summary>
    public int CountHeld(UInt128 from, UInt128 to)
    {
        int count = 0;
        for (int bit = Offset(from), end = Offset(to); bit <= end; bit = (bit | 63) + 1)
            count += BitOperations.PopCount(Word(bit) & Mask(bit, end));
        return count;
    }

    public bool IsHeld(UInt128 address) => (Bits[Offset(address) / 8] & (1 << (Offset(address) % 8))) != 0;

    public void Set(UInt128 address, bool held)
    {
        int bit = Offset(address);
        if (held)
            Bits[bit / 8] |= (byte)(1 << (bit % 8));
        else
            Bits[bit / 8] &= (byte)~(1 << (bit % 8));
    }

    /// <summary>The first free address from one to another, both in this block; null if all are held.</summary>
    public UInt128? FindFree(UInt128 from, UInt128 to)
    {
        for (int bit = Offset(from), end = Offset(to); bit <= end; bit = (bit | 63) + 1)
        {
            ulong free = ~Word(bit) & Mask(bit, end);
            if (free != 0)
                return Key.First + (uint)((bit & ~63) + BitOperations.TrailingZeroCount(free));
        }
        return null;
    }

    /// <summary>The last held address from one to another, both in this block; null if all are free.</summary>
    public UInt128? FindLastHeld(UInt128 from, UInt128 to)
    {
        for (int bit = Offset(to), start = Offset(from); bit >= start; bit = (bit & ~63) - 1)
        {
            ulong held = Word(bit) & Mask(Math.Max(start, bit & ~63), bit);
            if (held != 0)
                return Key.First + (uint)((bit & ~63) + BitOperations.Log2(held));
        }
        return null;
    }

    private static int Offset(UInt128 address) => (int)(address & (Size - 1));

    /// <summary>The 64 bits around a bit.</summary>
    private ulong Word(int bit) => BinaryPrimitives.ReadUInt64LittleEndian(Bits.AsSpan((bit & ~63) / 8));

    /// <summary>The bits of a word from a bit to the end of the word or to the last bit, whichever comes first.</summary>
    private static ulong Mask(int bit, int last)
    {
        ulong mask = ulong.MaxValue << (bit & 63);
        return last > (bit | 63) ? mask : mask & (ulong.MaxValue >> (63 - (last & 63)));
    }
}
