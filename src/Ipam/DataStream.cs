using Linux;

namespace Ipam;

/// <summary>LiteDB's data file. LiteDB writes it only to carry over what its log holds.</summary>
internal sealed class DataStream(FileDescriptor file) : EngineStream
{
    // Above the largest network that one node holds, below what garbage takes for a page's place.
    private const long MaxLength = 1L << 30;

    private long _length = file.Status().Size;

    public override long Length => _length;

    public override void SetLength(long value)
    {
        file.Truncate(value);
        _length = value;
    }

    protected override void ReadExactlyAt(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = file.ReadAt(offset, buffer);
            if (count == 0)
                throw new EndOfStreamException($"the lease store ends before its page at {offset}");
            offset += count;
            buffer = buffer[count..];
        }
    }

    protected override void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > MaxLength)
            throw new InvalidDataException($"the lease store's log has a page for {offset}");
        file.WriteAt(offset, bytes);
        _length = Math.Max(_length, offset + bytes.Length);
    }
}
