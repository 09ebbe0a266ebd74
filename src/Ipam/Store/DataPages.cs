using System.Buffers.Binary;
using System.Text;
using LiteDB;

namespace Ipam.Store;

/// <summary>
/// The documents in LiteDB's pages, found without its header, its indexes and its lists of pages, any of which may be damaged. Nothing is
/// written.
/// </summary>
/// <remarks>
/// A page (LiteDB 5, <c>BasePage</c>, <c>DataPage</c>, <c>DataBlock</c>), little-endian: u32 number, u8 type (4 for data), at 14 u32
/// transaction, at 18 u8 1 on the last page of a transaction in a log; from the end of the page per block u16 length, u16 position. A
/// block: u8 1 if it goes on with another one's document, u32 page and u8 block of the next one, the bytes. A document is BSON:
/// <c>_id</c> and <c>bytes</c>.
/// </remarks>
internal sealed class DataPages
{
    private const int PageSize = 8192;
    private const int TypeOffset = 4;
    private const int TransactionOffset = 14;
    private const int ConfirmedOffset = 18;
    private const int PageHeaderSize = 32;
    private const int BlockHeaderSize = 6;
    private const int SlotSize = 4;
    private const byte DataType = 4;
    private const int MaxBlocks = byte.MaxValue;
    private const byte BsonInt32 = 0x10;
    private const byte BsonString = 0x02;
    private const byte BsonBinary = 0x05;

    private readonly StoreFile _data;
    private readonly Dictionary<uint, byte[]> _newer = [];

    /// <param name="data">The data file.</param>
    /// <param name="log">The log whose whole transactions count as carried over; null for none.</param>
    public DataPages(StoreFile data, StoreFile? log)
    {
        _data = data;
        Dictionary<uint, List<byte[]>> transactions = [];
        byte[] pages = log?.ReadAll() ?? [];
        for (int at = 0; at + PageSize <= pages.Length; at += PageSize)
        {
            byte[] page = pages[at..(at + PageSize)];
            uint transaction = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(TransactionOffset));
            if (!transactions.TryGetValue(transaction, out List<byte[]>? written))
                transactions.Add(transaction, written = []);
            written.Add(page);
            if (page[ConfirmedOffset] == 0)
                continue;
            foreach (byte[] last in written)
                _newer[BinaryPrimitives.ReadUInt32LittleEndian(last)] = last;
        }
    }

    /// <summary>Ids and values as <see cref="LeaseDatabase"/> stored them; their checksums are not looked at.</summary>
    public IEnumerable<(BsonValue Id, byte[] Sealed)> Documents()
    {
        for (uint number = 0; number < _data.Length / PageSize || _newer.ContainsKey(number); number++)
        {
            if (Page(number) is not { } page || page[TypeOffset] != DataType)
                continue;
            for (int block = 0; block < MaxBlocks; block++)
            {
                if (Block(page, block) is { Length: > BlockHeaderSize } first && first[0] == 0 && Read(Assemble(first)) is { } document)
                    yield return document;
            }
        }
    }

    private byte[]? Page(uint number)
    {
        if (_newer.TryGetValue(number, out byte[]? newer))
            return newer;
        byte[] page = new byte[PageSize];
        return _data.ReadAt(number * (long)PageSize, page) == PageSize ? page : null;
    }

    private static byte[] Block(byte[] page, int block)
    {
        Span<byte> slot = page.AsSpan(PageSize - ((block + 1) * SlotSize));
        int length = BinaryPrimitives.ReadUInt16LittleEndian(slot);
        int position = BinaryPrimitives.ReadUInt16LittleEndian(slot[sizeof(ushort)..]);
        return position < PageHeaderSize || position + length > PageSize ? [] : page[position..(position + length)];
    }

    /// <summary>The bytes of a block and of those in which its document goes on.</summary>
    private byte[] Assemble(byte[] block)
    {
        using MemoryStream document = new();
        // A ring of damaged blocks ends, too.
        for (long left = _data.Length; left > 0; left -= block.Length)
        {
            document.Write(block.AsSpan(BlockHeaderSize));
            if (Page(BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(1))) is not { } page || page[TypeOffset] != DataType)
                break;
            block = Block(page, block[1 + sizeof(uint)]);
            if (block.Length <= BlockHeaderSize || block[0] == 0)
                break;
        }
        return document.ToArray();
    }

    private static (BsonValue Id, byte[] Sealed)? Read(ReadOnlySpan<byte> bson)
    {
        try
        {
            // The length of the whole is not needed.
            bson = bson[sizeof(int)..];
            byte type = TakeName(ref bson, "_id"u8);
            BsonValue? id = type switch
            {
                BsonInt32 => BinaryPrimitives.ReadInt32LittleEndian(Take(ref bson, sizeof(int))),
                BsonString => Encoding.UTF8.GetString(Take(ref bson, TakeLength(ref bson))[..^1]),
                _ => null,
            };
            if (id is null || TakeName(ref bson, "bytes"u8) != BsonBinary)
                return null;
            int length = TakeLength(ref bson);
            _ = Take(ref bson, 1);
            return (id, Take(ref bson, Math.Min(length, bson.Length)).ToArray());
        }
        catch (ArgumentOutOfRangeException)
        {
            // It ends too early, or a length in it is damaged.
            return null;
        }
    }

    /// <summary>Passes an element's name and returns its type; 0 if it has another name.</summary>
    private static byte TakeName(ref ReadOnlySpan<byte> bson, ReadOnlySpan<byte> name)
    {
        byte type = Take(ref bson, 1)[0];
        ReadOnlySpan<byte> found = Take(ref bson, name.Length + 1);
        return found[..^1].SequenceEqual(name) && found[^1] == 0 ? type : (byte)0;
    }

    private static int TakeLength(ref ReadOnlySpan<byte> bson) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref bson, sizeof(int)));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bson, int length)
    {
        ReadOnlySpan<byte> taken = bson[..length];
        bson = bson[length..];
        return taken;
    }
}
