using Linux;
using Linux.Files;

namespace Ipam.Store;

/// <summary>
/// LiteDB's log, kept in memory until it is first read back. LiteDB writes it on a thread of its own that hangs for ever when a
/// write fails (a full file system), and reads it back on the caller's thread when it carries it into the data file: so the file
/// is written then, in one call, and an error reaches the caller while the data file is still untouched.
/// </summary>
internal sealed class LogStream : EngineStream
{
    // The pages of one transaction: index, block, bucket, and one to spare.
    private const int InitialCapacity = 4 * 8192;

    private readonly FileDescriptor _file;
    private byte[] _pages = [];
    private int _length;
    private int _stored;
    private bool _isClosed;

    public LogStream(StoreFile file)
    {
        _file = file.Descriptor;
        if (file.Length == 0)
            return;
        _pages = file.ReadAll();
        _length = _stored = _pages.Length;
    }

    public override long Length => _length;

    public override void SetLength(long value)
    {
        if (value < _stored)
        {
            _file.Truncate(value);
            _stored = (int)value;
        }
        _length = (int)value;
    }

    /// <summary>From now on nothing is read back, so that nothing more reaches the data file.</summary>
    public void EndUse() => _isClosed = true;

    protected override void ReadExactlyAt(long offset, Span<byte> buffer)
    {
        if (_isClosed)
            throw new InvalidOperationException("the transaction of the lease store was taken back");
        if (_stored < _length)
            Store();
        if (offset + buffer.Length > _length)
            throw new EndOfStreamException($"the lease store's log ends before its page at {offset}");
        _pages.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }

    protected override void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        int end = (int)offset + bytes.Length;
        if (end > _pages.Length)
            Array.Resize(ref _pages, Math.Max(Math.Max(end, InitialCapacity), 2 * _pages.Length));
        bytes.CopyTo(_pages.AsSpan((int)offset));
        _length = Math.Max(_length, end);
    }

    private void Store()
    {
        try
        {
            _file.WriteAt(_stored, _pages.AsSpan(_stored, _length - _stored));
        }
        catch (LinuxException)
        {
            // Half a transaction must not meet the next one.
            _file.Truncate(_stored);
            throw;
        }
        _stored = _length;
    }
}
