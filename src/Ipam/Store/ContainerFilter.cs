using System.Buffers.Binary;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// Tells without the database that a container holds nothing in it: how many leases there are per hash of the container's ID. It errs on
/// one side only: what it does not know for certain may hold something.
/// </summary>
/// <remarks>
/// 512 blocks of 512 bytes: u32 checksum, then 508 counters. A counter that is full stays so. A block whose checksum is wrong knows
/// nothing.
/// </remarks>
internal sealed class ContainerFilter(FileDescriptor file)
{
    private const int BlockCount = 512;
    private const int BlockSize = 512;
    private const int HeaderSize = sizeof(uint);

    /// <summary>Whether the database may have a lease of a container.</summary>
    public bool MayHold(string containerId)
    {
        (uint block, int cell) = Place(containerId);
        Span<byte> bytes = stackalloc byte[BlockSize];
        return !TryRead(block, bytes) || bytes[cell] != 0;
    }

    /// <summary>Counts leases that the database is about to get.</summary>
    /// <returns>False if a block is damaged: the filter must be made anew.</returns>
    public bool TryAdd(IEnumerable<string> containerIds) => containerIds.All(id => TryCount(id, 1));

    /// <summary>Counts leases that the database no longer has.</summary>
    public void Remove(IEnumerable<string> containerIds)
    {
        foreach (string id in containerIds)
            _ = TryCount(id, -1);
    }

    /// <summary>Makes the filter anew.</summary>
    /// <param name="containerIds">The container of every lease.</param>
    public void Write(IEnumerable<string> containerIds)
    {
        byte[] bytes = new byte[BlockCount * BlockSize];
        foreach (string id in containerIds)
        {
            (uint block, int cell) = Place(id);
            Count(ref bytes[((int)block * BlockSize) + cell], 1);
        }
        for (uint block = 0; block < BlockCount; block++)
            Seal(block, bytes.AsSpan((int)block * BlockSize, BlockSize));
        file.WriteAt(0, bytes);
    }

    /// <summary>Where a container is counted (FNV-1a).</summary>
    private static (uint Block, int Cell) Place(string containerId)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in containerId)
            hash = (hash ^ c) * 1099511628211;
        return ((uint)(hash % BlockCount), HeaderSize + (int)(hash / BlockCount % (BlockSize - HeaderSize)));
    }

    private static void Count(ref byte counter, int step)
    {
        if (counter != byte.MaxValue && (counter > 0 || step > 0))
            counter = (byte)(counter + step);
    }

    private static void Seal(uint block, Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Of(bytes[HeaderSize..], block));

    private bool TryCount(string containerId, int step)
    {
        (uint block, int cell) = Place(containerId);
        Span<byte> bytes = stackalloc byte[BlockSize];
        if (!TryRead(block, bytes))
            return false;
        Count(ref bytes[cell], step);
        Seal(block, bytes);
        file.WriteAt(block * BlockSize, bytes);
        return true;
    }

    private bool TryRead(uint block, Span<byte> bytes) =>
        file.ReadAt(block * BlockSize, bytes) == BlockSize
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Crc32C.Of(bytes[HeaderSize..], block);
}
