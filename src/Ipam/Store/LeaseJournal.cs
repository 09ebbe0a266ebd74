using System.Buffers.Binary;
using Linux;
using Linux.Addresses;

namespace Ipam.Store;

/// <summary>
/// The leases that were given since the database was open last. An ADD for which a plan has an address needs nothing else: opening LiteDB
/// costs a third of an ADD's time (docs/performance.md). The next transaction of the database takes the leases over and writes a new
/// journal.
/// </summary>
/// <remarks>
/// <para>Layout, little-endian. Header: u8 version, u8 closed, u16 0, u32 checksum of the rest of the header, u32 length of the header,
/// i64 generation, u64 inode, i64 bytes and i64 change time (100 ns since year 1) of the data file, i32 length of the plan's range sets and
/// they themselves, i32 count of sets, per set u8 family (4 or 6), u8 1 if an address was given before and that address (16 bytes), u16
/// count of addresses and they. Records: u32 checksum, then a lease as in a <see cref="LeaseBucket"/>.</para>
/// <para>A journal belongs to the generation that the database's index counts. It is closed before a transaction that takes it over
/// commits; one that is closed and behind has been taken over.</para>
/// </remarks>
internal sealed class LeaseJournal : IDisposable
{
    private const byte Version = 1;
    private const int ClosedOffset = 1;
    private const int ChecksumOffset = 4;
    private const int CheckedOffset = 8;
    private const int GenerationOffset = 12;
    private const int DataFileOffset = 20;
    private const int PlanOffset = 44;
    private const int AddressSize = 16;

    private readonly StoreFile _file;
    private readonly List<Lease> _leases = [];
    private long _length;

    private LeaseJournal(StoreFile file, byte[] bytes)
    {
        _file = file;
        _length = bytes.Length;
        int header = HeaderLength(bytes) ?? throw new StoreDamagedException("the lease store's journal has no sound header");
        IsClosed = bytes[ClosedOffset] != 0;
        Generation = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(GenerationOffset));
        DataFile = DataFileVersion.Read(bytes.AsSpan(DataFileOffset));
        Plan = ReadPlan(bytes.AsSpan(PlanOffset..header));
        ReadLeases(bytes, header);
    }

    /// <summary>The generation of the database on whose addresses it goes on.</summary>
    public long Generation { get; }

    /// <summary>Whether a transaction has begun to take it over.</summary>
    public bool IsClosed { get; }

    /// <summary>The data file as that generation left it.</summary>
    public DataFileVersion DataFile { get; }

    /// <summary>The addresses that come next, those of the leases included.</summary>
    public AddressPlan Plan { get; }

    /// <summary>How far the store has come with it.</summary>
    public StorePosition Position => new(Generation, _leases.Count);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Lease> Leases => _leases;

    /// <summary>Reads a journal, which owns the file from then on.</summary>
    /// <exception cref="StoreDamagedException">It is none, or a part of it is not what was written.</exception>
    public static LeaseJournal Read(StoreFile file)
    {
        try
        {
            return new LeaseJournal(file, file.ReadAll());
        }
        catch (StoreDamagedException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The leases that can still be read of a journal that is damaged: each has a checksum of its own, and is found wherever it begins.
    /// </summary>
    /// <param name="bytes">The journal.</param>
    /// <param name="generation">That of the database, if it can be told: a journal which that has taken over says nothing any more.</param>
    public static IReadOnlyList<Lease> Salvage(ReadOnlySpan<byte> bytes, long? generation)
    {
        int? header = HeaderLength(bytes);
        bool isClosed = header is not null && bytes[ClosedOffset] != 0;
        if (isClosed && BinaryPrimitives.ReadInt64LittleEndian(bytes[GenerationOffset..]) < generation)
            return [];
        List<Lease> leases = [];
        for (int at = header ?? 0; at < bytes.Length;)
        {
            int length = RecordLength(bytes, at);
            if (length > 0)
                leases.Add(LeaseBucket.Decode(bytes.Slice(at + sizeof(uint), length - sizeof(uint))));
            at += Math.Max(length, 1);
        }
        return leases;
    }

    /// <summary>The bytes of a journal without leases.</summary>
    public static byte[] Encode(long generation, DataFileVersion dataFile, AddressPlan plan, bool isClosed)
    {
        int length = PlanOffset + sizeof(int) + plan.RangeSets.Length + sizeof(int);
        foreach (PlannedSet set in plan.Sets)
            length += 2 + AddressSize + sizeof(ushort) + (set.Next.Count * AddressSize);
        byte[] bytes = new byte[length];
        bytes[0] = Version;
        bytes[ClosedOffset] = (byte)(isClosed ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(CheckedOffset), length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(GenerationOffset), generation);
        dataFile.Write(bytes.AsSpan(DataFileOffset));
        WritePlan(bytes.AsSpan(PlanOffset), plan);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumOffset), Crc32C.Of(bytes.AsSpan(CheckedOffset..length), 0));
        return bytes;
    }

    /// <summary>Adds a lease; it is given when this returns.</summary>
    /// <exception cref="LinuxException">There is no room; nothing was added.</exception>
    public void Append(Lease lease)
    {
        byte[] encoded = LeaseBucket.Encode(lease);
        byte[] record = new byte[sizeof(uint) + encoded.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Crc32C.Of(encoded, (uint)_length));
        encoded.CopyTo(record, sizeof(uint));
        try
        {
            _file.Descriptor.WriteAt(_length, record);
        }
        catch (LinuxException)
        {
            // Half a record would pass for damage.
            _file.Descriptor.Truncate(_length);
            throw;
        }
        _length += record.Length;
        _leases.Add(lease);
    }

    /// <summary>Ends it: from now on only the database is asked.</summary>
    public void Close() => _file.Descriptor.WriteAt(ClosedOffset, [1]);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static AddressPlan ReadPlan(ReadOnlySpan<byte> bytes)
    {
        byte[] rangeSets = bytes.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(bytes)).ToArray();
        bytes = bytes[(sizeof(int) + rangeSets.Length)..];
        PlannedSet[] sets = new PlannedSet[BinaryPrimitives.ReadInt32LittleEndian(bytes)];
        bytes = bytes[sizeof(int)..];
        for (int i = 0; i < sets.Length; i++)
        {
            UInt128? last = bytes[1] == 0 ? null : BinaryPrimitives.ReadUInt128LittleEndian(bytes[2..]);
            IpFamily family = IpFamily.OfVersion(bytes[0]);
            UInt128[] next = new UInt128[BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 + AddressSize)..])];
            bytes = bytes[(2 + AddressSize + sizeof(ushort))..];
            foreach (ref UInt128 address in next.AsSpan())
            {
                address = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
                bytes = bytes[AddressSize..];
            }
            sets[i] = new PlannedSet(family, last, next);
        }
        return new AddressPlan(rangeSets, sets);
    }

    private static void WritePlan(Span<byte> bytes, AddressPlan plan)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, plan.RangeSets.Length);
        plan.RangeSets.Span.CopyTo(bytes[sizeof(int)..]);
        bytes = bytes[(sizeof(int) + plan.RangeSets.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, plan.Sets.Count);
        bytes = bytes[sizeof(int)..];
        foreach (PlannedSet set in plan.Sets)
        {
            bytes[0] = set.Family.Version;
            bytes[1] = (byte)(set.Last is null ? 0 : 1);
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[2..], set.Last ?? default);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 + AddressSize)..], (ushort)set.Next.Count);
            bytes = bytes[(2 + AddressSize + sizeof(ushort))..];
            foreach (UInt128 address in set.Next)
            {
                BinaryPrimitives.WriteUInt128LittleEndian(bytes, address);
                bytes = bytes[AddressSize..];
            }
        }
    }

    /// <summary>The length of a sound header; null if the header is not.</summary>
    private static int? HeaderLength(ReadOnlySpan<byte> bytes)
    {
        int header = bytes.Length >= PlanOffset ? BinaryPrimitives.ReadInt32LittleEndian(bytes[CheckedOffset..]) : 0;
        return header >= PlanOffset && header <= bytes.Length && bytes[0] == Version
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) == Crc32C.Of(bytes[CheckedOffset..header], 0)
            ? header
            : null;
    }

    /// <summary>The length of the record at an offset, its checksum included; 0 if there is none.</summary>
    private static int RecordLength(ReadOnlySpan<byte> bytes, int at)
    {
        ReadOnlySpan<byte> rest = bytes[at..];
        int length = rest.Length >= sizeof(uint) + sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(rest[sizeof(uint)..]) : 0;
        return length >= LeaseBucket.MinRecordLength && length <= rest.Length - sizeof(uint)
            && BinaryPrimitives.ReadUInt32LittleEndian(rest) == Crc32C.Of(rest.Slice(sizeof(uint), length), (uint)at)
            ? sizeof(uint) + length
            : 0;
    }

    private void ReadLeases(byte[] bytes, int at)
    {
        while (at < bytes.Length)
        {
            int length = RecordLength(bytes, at);
            if (length == 0)
                throw new StoreDamagedException($"the lease store's journal is damaged at byte {at}");
            _leases.Add(LeaseBucket.Decode(bytes.AsSpan(at + sizeof(uint), length - sizeof(uint))));
            at += length;
        }
    }
}
