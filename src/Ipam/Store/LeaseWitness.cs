using System.Buffers.Binary;
using System.Text;
using Linux;
using Linux.Addresses;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// What <c>/run</c> remembers of a store whose directory is elsewhere: how far it had come. The files of a directory on a disk can be put
/// back to an older state while pods run (a snapshot, a backup), and then tell nothing of the addresses that were given since.
/// </summary>
/// <remarks>
/// It is written behind the store and may lag behind it, which costs nothing; it need not be there. Layout, little-endian: u32 checksum
/// of the rest, 36 bytes of boot ID, i64 generation, i32 leases in the journal, u8 count of the addresses that were given last, newest
/// first, per address u8 family (4 or 6) and 16 bytes.
/// </remarks>
internal sealed class LeaseWitness
{
    private const int NameDigits = 32;
    private const int BootIdOffset = sizeof(uint);
    private const int BootIdSize = 36;
    private const int PositionOffset = BootIdOffset + BootIdSize;
    private const int CountOffset = PositionOffset + sizeof(long) + sizeof(int);
    private const int MarksOffset = CountOffset + 1;
    private const int MarkSize = 17;

    private readonly string _directory;
    private readonly string _path;
    private readonly string _bootId;

    private LeaseWitness(string directory, string storeDirectory, string bootId)
    {
        _directory = directory;
        _path = Path.Combine(directory, Sha512.HexPrefix(NameDigits, storeDirectory));
        _bootId = bootId;
    }

    /// <summary>How far the store had come.</summary>
    public StorePosition Position { get; private set; }

    /// <summary>The addresses that had been given last, newest first.</summary>
    public IReadOnlyList<(IpFamily Family, UInt128 Address)> Marks { get; private set; } = [];

    /// <summary>The witness of a store; null for one that lies where the witness would lie, and has the same fate.</summary>
    public static LeaseWitness? Of(string directory, string storeDirectory, string bootId)
    {
        string store = Path.GetFullPath(storeDirectory);
        return store.StartsWith("/run/", StringComparison.Ordinal) || store.StartsWith("/var/run/", StringComparison.Ordinal)
            ? null
            : new LeaseWitness(directory, store, bootId);
    }

    /// <summary>Reads what it remembers: nothing where nothing of this boot can be read.</summary>
    public void Read()
    {
        try
        {
            using StoreFile? file = StoreFile.TryOpen(_path);
            if (file is not null)
                Decode(file.ReadAll());
        }
        catch (Exception e) when (e is LinuxException or IpamException)
        {
            // As good as none.
        }
    }

    /// <summary>Remembers how far the store has come.</summary>
    public void Write(StorePosition position, IReadOnlyList<(IpFamily Family, UInt128 Address)> marks)
    {
        byte[] bytes = Encode(position, marks);
        try
        {
            using StoreFile file = Open();
            file.Descriptor.WriteAt(0, bytes);
        }
        catch (Exception e) when (e is LinuxException or IpamException or IOException or UnauthorizedAccessException)
        {
            // The address was given all the same.
        }
    }

    private StoreFile Open()
    {
        try
        {
            return StoreFile.Open(_path);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            OwnerDirectory.Create(_directory);
            return StoreFile.Open(_path);
        }
    }

    private byte[] Encode(StorePosition position, IReadOnlyList<(IpFamily Family, UInt128 Address)> marks)
    {
        byte[] bytes = new byte[MarksOffset + (marks.Count * MarkSize)];
        _ = Encoding.ASCII.GetBytes(_bootId, bytes.AsSpan(BootIdOffset, BootIdSize));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(PositionOffset), position.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(PositionOffset + sizeof(long)), position.Leases);
        bytes[CountOffset] = (byte)marks.Count;
        foreach ((int i, (IpFamily family, UInt128 address)) in marks.Index())
        {
            bytes[MarksOffset + (i * MarkSize)] = family.Version;
            BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(MarksOffset + (i * MarkSize) + 1), address);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Of(bytes.AsSpan(BootIdOffset), 0));
        return bytes;
    }

    private void Decode(ReadOnlySpan<byte> bytes)
    {
        // What was longer before ends where its count says.
        int length = bytes.Length < MarksOffset ? 0 : MarksOffset + (bytes[CountOffset] * MarkSize);
        if (length == 0 || length > bytes.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Of(bytes[BootIdOffset..length], 0)
            || Encoding.ASCII.GetString(bytes.Slice(BootIdOffset, BootIdSize)) != _bootId)
        {
            return;
        }
        Position = new StorePosition(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[PositionOffset..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[(PositionOffset + sizeof(long))..]));
        (IpFamily, UInt128)[] marks = new (IpFamily, UInt128)[bytes[CountOffset]];
        for (int i = 0; i < marks.Length; i++)
        {
            ReadOnlySpan<byte> mark = bytes[(MarksOffset + (i * MarkSize))..];
            marks[i] = (IpFamily.OfVersion(mark[0]), BinaryPrimitives.ReadUInt128LittleEndian(mark[1..]));
        }
        Marks = marks;
    }
}
