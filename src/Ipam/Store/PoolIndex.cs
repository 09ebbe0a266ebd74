using System.Buffers.Binary;
using Linux.Addresses;

namespace Ipam.Store;

/// <summary>
/// The document that is read first: which blocks exist and how full each is, so that full and empty ones are passed over without
/// being read, and where the last allocations were, so that an address that was just released rests before it is given again.
/// </summary>
/// <remarks>
/// A range set's place is the newest mark that lies in it, so range sets need no identity and a changed configuration goes on where
/// the old one was. Layout, little-endian: u8 version, i64 generation, u16 count of marks, the marks, i32 count of blocks, per block its
/// first address and u16 held addresses. An address is u8 family (4 or 6) and 16 bytes.
/// </remarks>
internal sealed class PoolIndex
{
    /// <summary>More range sets than one network has; with more, the one that was not used for longest starts anew.</summary>
    public const int MaxMarks = 64;

    private const byte Version = 2;
    private const int MarksOffset = 1 + sizeof(long);
    private const int AddressSize = 17;

    private readonly List<(IpFamily Family, UInt128 Address)> _marks = [];

    /// <summary>How many addresses of each existing block are held.</summary>
    public Dictionary<BlockKey, int> Blocks { get; } = [];

    /// <summary>How many transactions have changed the store: tells which journal goes on from here.</summary>
    public long Generation { get; private set; }

    /// <summary>The addresses that were given last, newest first.</summary>
    public IReadOnlyList<(IpFamily Family, UInt128 Address)> Marks => _marks;

    public bool IsChanged { get; private set; }

    /// <summary>The index of a store without leases.</summary>
    /// <param name="generation">What its first transaction is counted on from.</param>
    public static PoolIndex After(long generation) => new() { Generation = generation };

    public static PoolIndex Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MarksOffset + sizeof(ushort) + sizeof(int) || bytes[0] != Version)
            throw new StoreDamagedException("the lease store's index is of an unknown version");
        PoolIndex index = new() { Generation = BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]) };
        int marks = BinaryPrimitives.ReadUInt16LittleEndian(bytes[MarksOffset..]);
        bytes = bytes[(MarksOffset + sizeof(ushort))..];
        for (int i = 0; i < marks; i++, bytes = bytes[AddressSize..])
            index._marks.Add(ReadAddress(bytes));
        int blocks = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[sizeof(int)..];
        for (int i = 0; i < blocks; i++, bytes = bytes[(AddressSize + sizeof(ushort))..])
        {
            (IpFamily family, UInt128 first) = ReadAddress(bytes);
            index.Blocks.Add(BlockKey.Of(family, first), BinaryPrimitives.ReadUInt16LittleEndian(bytes[AddressSize..]));
        }
        return index;
    }

    /// <summary>Begins the generation that the next <see cref="Encode"/> writes.</summary>
    public void Advance() => Generation++;

    public byte[] Encode()
    {
        int marks = sizeof(ushort) + (_marks.Count * AddressSize);
        int blocks = sizeof(int) + (Blocks.Count * (AddressSize + sizeof(ushort)));
        byte[] bytes = new byte[MarksOffset + marks + blocks];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Generation);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(MarksOffset), (ushort)_marks.Count);
        Span<byte> rest = bytes.AsSpan(MarksOffset + sizeof(ushort));
        foreach ((IpFamily family, UInt128 address) in _marks)
        {
            WriteAddress(rest, family, address);
            rest = rest[AddressSize..];
        }
        BinaryPrimitives.WriteInt32LittleEndian(rest, Blocks.Count);
        rest = rest[sizeof(int)..];
        foreach ((BlockKey block, int held) in Blocks)
        {
            WriteAddress(rest, block.Family, block.First);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[AddressSize..], (ushort)held);
            rest = rest[(AddressSize + sizeof(ushort))..];
        }
        return bytes;
    }

    public void SetHeld(BlockKey block, int held)
    {
        Blocks[block] = held;
        IsChanged = true;
    }

    public void Remove(BlockKey block)
    {
        _ = Blocks.Remove(block);
        IsChanged = true;
    }

    /// <summary>The last address that was given from a range set; null if none is known.</summary>
    public UInt128? FindMark(RangeSet set)
    {
        foreach ((IpFamily family, UInt128 address) in _marks)
        {
            if (family == set.Family && set.Contains(address))
                return address;
        }
        return null;
    }

    /// <summary>Notes the address that was just given from a range set.</summary>
    public void Mark(RangeSet set, UInt128 address)
    {
        _ = _marks.RemoveAll(mark => mark.Family == set.Family && set.Contains(mark.Address));
        Mark(set.Family, address);
    }

    /// <summary>Notes the last address that was given behind another one of the same range set.</summary>
    public void MoveMark(IpFamily family, UInt128? from, UInt128 to)
    {
        if (from is { } old)
            _ = _marks.Remove((family, old));
        Mark(family, to);
    }

    /// <summary>Notes an address that somebody else gave last.</summary>
    public void Mark(IpFamily family, UInt128 address)
    {
        _marks.Insert(0, (family, address));
        if (_marks.Count > MaxMarks)
            _marks.RemoveAt(MaxMarks);
        IsChanged = true;
    }

    private static (IpFamily Family, UInt128 Address) ReadAddress(ReadOnlySpan<byte> bytes) =>
        (IpFamily.OfVersion(bytes[0]), BinaryPrimitives.ReadUInt128LittleEndian(bytes[1..]));

    private static void WriteAddress(Span<byte> bytes, IpFamily family, UInt128 address)
    {
        bytes[0] = family.Version;
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[1..], address);
    }
}
