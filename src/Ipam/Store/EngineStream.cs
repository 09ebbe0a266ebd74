namespace Ipam.Store;

/// <summary>
/// What LiteDB asks of a stream. It is not a FileStream, so LiteDB does not sync it to disk: a store does not outlive the boot.
/// </summary>
internal abstract class EngineStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Position { get; set; }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ReadExactlyAt(Position, buffer.AsSpan(offset, count));
        Position += count;
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        WriteAt(Position, buffer.AsSpan(offset, count));
        Position += count;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before: LiteDB asks for whole pages that must exist.</exception>
    protected abstract void ReadExactlyAt(long offset, Span<byte> buffer);

    protected abstract void WriteAt(long offset, ReadOnlySpan<byte> bytes);
}
