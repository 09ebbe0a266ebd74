using Linux;

namespace Ipam.Store;

/// <summary>LiteDB's data file. LiteDB writes it only to carry over what its log holds; that can be taken back.</summary>
internal sealed class DataStream(StoreFile file) : EngineStream
{
    // Above the largest network that one node holds, below what garbage takes for a page's place.
    private const long MaxLength = 1L << 30;

    // What was at an offset when it was read. LiteDB reads each page before it writes it, so that no second reading is needed.
    private readonly Dictionary<long, byte[]> _read = [];
    private readonly Dictionary<long, byte[]> _before = [];
    private long _length = file.Length;
    private long _lengthBefore = file.Length;
    private bool _isTakenBack;

    public override long Length => _length;

    public override void SetLength(long value)
    {
        RequireUse();
        file.Descriptor.Truncate(value);
        _length = value;
    }

    /// <summary>Makes what the file holds now the state that <see cref="TakeBack"/> goes back to.</summary>
    public void Keep()
    {
        _read.Clear();
        _before.Clear();
        _lengthBefore = _length;
    }

    /// <summary>Restores the file, and ends its use.</summary>
    /// <exception cref="LinuxException">It cannot be written.</exception>
    public void TakeBack()
    {
        _isTakenBack = true;
        foreach ((long offset, byte[] bytes) in _before)
            file.Descriptor.WriteAt(offset, bytes);
        file.Descriptor.Truncate(_lengthBefore);
    }

    protected override void ReadExactlyAt(long offset, Span<byte> buffer)
    {
        if (file.ReadAt(offset, buffer) < buffer.Length)
            throw new EndOfStreamException($"the lease store ends before its page at {offset}");
        if (!_before.ContainsKey(offset))
            _read[offset] = buffer.ToArray();
    }

    protected override void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        RequireUse();
        if (offset + bytes.Length > MaxLength)
            throw new InvalidDataException($"the lease store's log has a page for {offset}");
        if (offset < _lengthBefore && !_before.ContainsKey(offset))
            _before.Add(offset, BytesBefore(offset, bytes.Length));
        file.Descriptor.WriteAt(offset, bytes);
        _length = Math.Max(_length, offset + bytes.Length);
    }

    private byte[] BytesBefore(long offset, int length)
    {
        if (_read.GetValueOrDefault(offset) is { } read && read.Length == length)
            return read;
        byte[] bytes = new byte[Math.Min(length, _lengthBefore - offset)];
        return bytes[..file.ReadAt(offset, bytes)];
    }

    private void RequireUse()
    {
        if (_isTakenBack)
            throw new InvalidOperationException("the transaction of the lease store was taken back");
    }
}
