namespace Netlink.Wire;

/// <summary>Bytes from the kernel do not have the shape that its headers promise.</summary>
/// <param name="message">What was read and what is wrong with it.</param>
/// <param name="offset">Where, in bytes from the start of the buffer that was being read.</param>
public sealed class WireFormatException(string message, int offset) : Exception($"{message} (offset {offset})")
{
    /// <summary>Bytes from the start of the buffer that was being read.</summary>
    public int Offset { get; } = offset;
}
