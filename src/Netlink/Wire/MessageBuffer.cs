namespace Netlink.Wire;

/// <summary>A growing run of bytes, always zero where nothing has been written.</summary>
public sealed class MessageBuffer
{
    // Holds all that one ADD sends in one datagram.
    private byte[] _bytes = new byte[2048];

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Room for some more bytes, all zero.</summary>
    internal Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>Written bytes from an offset on, to patch a length into them.</summary>
    internal Span<byte> From(int offset) => _bytes.AsSpan(offset, Length - offset);
}
