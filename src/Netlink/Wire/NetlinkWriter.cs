using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Netlink.Wire;

/// <summary>
/// Writes netlink messages and attributes at the end of a buffer. Messages and nests are opened with a token that remembers where
/// they began, and closed to patch their length. Everything is aligned to 4 bytes, padding is zero (NLMSG_ALIGN, NLA_ALIGN in
/// linux/netlink.h), and numbers have the host's byte order unless the method says otherwise.
/// </summary>
public readonly ref struct NetlinkWriter(MessageBuffer buffer)
{
    /// <summary>Bytes of struct nlmsghdr.</summary>
    public const int MessageHeaderSize = 16;

    /// <summary>Bytes of struct nlattr.</summary>
    public const int AttributeHeaderSize = 4;

    private const ushort NLA_F_NESTED = 0x8000;

    private readonly MessageBuffer _buffer = buffer;

    // struct nlmsghdr, linux/netlink.h:
    //   u32 nlmsg_len    patched by EndMessage
    //   u16 nlmsg_type
    //   u16 nlmsg_flags
    //   u32 nlmsg_seq
    //   u32 nlmsg_pid    0, the kernel knows the sender

    /// <summary>Opens a message.</summary>
    /// <param name="type">nlmsg_type, for example RTM_NEWLINK.</param>
    /// <param name="flags">nlmsg_flags, combined from the enumerations of the kind of request.</param>
    /// <param name="sequence">nlmsg_seq; answers repeat it.</param>
    /// <returns>A token for <see cref="EndMessage"/>.</returns>
    public int BeginMessage(ushort type, ushort flags, uint sequence)
    {
        int token = _buffer.Length;
        WriteUInt32(0);
        WriteUInt16(type);
        WriteUInt16(flags);
        WriteUInt32(sequence);
        WriteUInt32(0);
        return token;
    }

    /// <summary>Closes a message: its length becomes known.</summary>
    public void EndMessage(int token)
    {
        Span<byte> message = _buffer.From(token);
        MemoryMarshal.Write(message, (uint)message.Length);
    }

    /// <summary>Opens an attribute that holds attributes (NLA_F_NESTED).</summary>
    /// <returns>A token for <see cref="EndNest"/>.</returns>
    public int BeginNest(ushort type) => BeginAttribute((ushort)(type | NLA_F_NESTED));

    /// <summary>Opens an attribute whose content is written by further calls and that does not carry NLA_F_NESTED.</summary>
    /// <returns>A token for <see cref="EndNest"/>.</returns>
    public int BeginAttribute(ushort type)
    {
        int token = BeginRecord();
        WriteUInt16(type);
        return token;
    }

    /// <summary>Opens a record that begins with its own length in two bytes but is no attribute (struct rtnexthop).</summary>
    /// <returns>A token for <see cref="EndNest"/>.</returns>
    public int BeginRecord()
    {
        int token = _buffer.Length;
        WriteUInt16(0);
        return token;
    }

    /// <summary>Closes a nest: its length becomes known, and the end is aligned.</summary>
    /// <exception cref="InvalidOperationException">The nest holds more than the 65,535 bytes that nla_len can say.</exception>
    public void EndNest(int token)
    {
        Span<byte> attribute = _buffer.From(token);
        if (attribute.Length > ushort.MaxValue)
            throw new InvalidOperationException($"a netlink attribute holds {attribute.Length} bytes; nla_len ends at {ushort.MaxValue}");
        MemoryMarshal.Write(attribute, (ushort)attribute.Length);
        _ = _buffer.Take(Align(attribute.Length) - attribute.Length);
    }

    /// <summary>Writes an attribute of raw bytes.</summary>
    public void WriteAttribute(ushort type, ReadOnlySpan<byte> value)
    {
        int token = BeginAttribute(type);
        WriteBytes(value);
        EndNest(token);
    }

    /// <summary>Writes an attribute without content: its presence is the value.</summary>
    public void WriteFlagAttribute(ushort type) => WriteAttribute(type, []);

    /// <summary>Writes an attribute of one byte.</summary>
    public void WriteUInt8Attribute(ushort type, byte value) => WriteAttribute(type, [value]);

    /// <summary>Writes an attribute of two bytes.</summary>
    public void WriteUInt16Attribute(ushort type, ushort value) =>
        WriteAttribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));

    /// <summary>Writes an attribute of two bytes in network byte order.</summary>
    public void WriteUInt16BigEndianAttribute(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        WriteAttribute(type, bytes);
    }

    /// <summary>Writes an attribute of four bytes.</summary>
    public void WriteUInt32Attribute(ushort type, uint value) =>
        WriteAttribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>Writes an attribute of four bytes, signed.</summary>
    public void WriteInt32Attribute(ushort type, int value) => WriteUInt32Attribute(type, (uint)value);

    /// <summary>Writes an attribute of four bytes in network byte order.</summary>
    public void WriteUInt32BigEndianAttribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        WriteAttribute(type, bytes);
    }

    /// <summary>Writes an attribute of eight bytes.</summary>
    public void WriteUInt64Attribute(ushort type, ulong value) =>
        WriteAttribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));

    /// <summary>Writes an attribute of eight bytes in network byte order.</summary>
    public void WriteUInt64BigEndianAttribute(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        WriteAttribute(type, bytes);
    }

    /// <summary>Writes an attribute of text in UTF-8 with the terminating NUL that the kernel's NLA_NUL_STRING wants.</summary>
    public void WriteStringAttribute(ushort type, string value)
    {
        int token = BeginAttribute(type);
        int length = Encoding.UTF8.GetByteCount(value);
        _ = Encoding.UTF8.GetBytes(value, _buffer.Take(length + 1));
        EndNest(token);
    }

    /// <summary>Writes one byte of a fixed header.</summary>
    public void WriteUInt8(byte value) => _buffer.Take(1)[0] = value;

    /// <summary>Writes two bytes of a fixed header.</summary>
    public void WriteUInt16(ushort value) => MemoryMarshal.Write(_buffer.Take(2), value);

    /// <summary>Writes two bytes of a fixed header in network byte order.</summary>
    public void WriteUInt16BigEndian(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(_buffer.Take(2), value);

    /// <summary>Writes four bytes of a fixed header.</summary>
    public void WriteUInt32(uint value) => MemoryMarshal.Write(_buffer.Take(4), value);

    /// <summary>Writes four bytes of a fixed header, signed.</summary>
    public void WriteInt32(int value) => WriteUInt32((uint)value);

    /// <summary>Writes raw bytes without padding.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(_buffer.Take(value.Length));

    internal static int Align(int length) => (length + 3) & ~3;
}
