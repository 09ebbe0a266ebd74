using System.Buffers.Binary;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// Which content the data file had, without reading it: a journal goes on only upon the file that it was written for, so that one that was
/// replaced or damaged meanwhile is noticed by the next ADD.
/// </summary>
/// <param name="Inode">The file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Units of 100 ns since year 1, UTC.</param>
internal readonly record struct DataFileVersion(ulong Inode, long Size, long ModifiedAt)
{
    public static DataFileVersion Of(FileStatus status) => new(status.Inode, status.Size, status.ModifiedAt.UtcTicks);

    public static DataFileVersion Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], ModifiedAt);
    }
}
