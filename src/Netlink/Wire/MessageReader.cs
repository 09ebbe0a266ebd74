using System.Runtime.InteropServices;

namespace Netlink.Wire;

/// <summary>Walks the messages of one datagram.</summary>
public ref struct MessageReader(ReadOnlySpan<byte> datagram)
{
    private readonly ReadOnlySpan<byte> _datagram = datagram;
    private int _next;

    /// <summary>nlmsg_type.</summary>
    public ushort Type { get; private set; }

    /// <summary>nlmsg_flags.</summary>
    public AnswerFlags Flags { get; private set; }

    /// <summary>nlmsg_seq: which request this answers.</summary>
    public uint Sequence { get; private set; }

    /// <summary>nlmsg_pid: the port that asked; 0 on notifications.</summary>
    public uint PortId { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Goes to the next message; false at the end.</summary>
    /// <exception cref="WireFormatException">The message says that it is shorter than its header or longer than what is left.</exception>
    public bool MoveNext()
    {
        ReadOnlySpan<byte> rest = _datagram[_next..];
        if (rest.IsEmpty)
            return false;
        if (rest.Length < NetlinkWriter.MessageHeaderSize)
            throw new WireFormatException($"{rest.Length} bytes where a message header needs 16", _next);
        uint length = MemoryMarshal.Read<uint>(rest);
        if (length < NetlinkWriter.MessageHeaderSize || length > rest.Length)
            throw new WireFormatException($"a message of {length} bytes where {rest.Length} are left", _next);
        Type = MemoryMarshal.Read<ushort>(rest[4..]);
        Flags = (AnswerFlags)MemoryMarshal.Read<ushort>(rest[6..]);
        Sequence = MemoryMarshal.Read<uint>(rest[8..]);
        PortId = MemoryMarshal.Read<uint>(rest[12..]);
        Payload = rest[NetlinkWriter.MessageHeaderSize..(int)length];
        _next += Math.Min(NetlinkWriter.Align((int)length), rest.Length);
        return true;
    }
}
