using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Netlink.Wire;

/// <summary>
/// Walks the attributes of a message or nest. Every read is checked against the attribute's length; attributes that a caller does
/// not know are skipped, since the kernel adds some with every release.
/// </summary>
/// <example><code>
/// AttributeReader attributes = new(payload);
/// while (attributes.MoveNext())
/// {
///     if (attributes.Type == IFLA_IFNAME) name = attributes.ReadString();
/// }
/// </code></example>
public ref struct AttributeReader(ReadOnlySpan<byte> bytes)
{
    // NLA_F_NESTED and NLA_F_NET_BYTEORDER share the type's field.
    private const ushort NLA_TYPE_MASK = 0x3fff;
    private const ushort NLA_F_NESTED = 0x8000;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;
    private int _start;

    /// <summary>nla_type without its flag bits.</summary>
    public ushort Type { get; private set; }

    /// <summary>Whether the sender said that it holds attributes (NLA_F_NESTED); older parts of the kernel do not say so.</summary>
    public bool IsMarkedNested { get; private set; }

    /// <summary>What the attribute holds.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next attribute; false at the end.</summary>
    /// <exception cref="WireFormatException">The attribute says that it is shorter than its header or longer than what is left.</exception>
    public bool MoveNext()
    {
        ReadOnlySpan<byte> rest = _bytes[_next..];
        if (rest.IsEmpty)
            return false;
        if (rest.Length < NetlinkWriter.AttributeHeaderSize)
            throw new WireFormatException($"{rest.Length} bytes where an attribute header needs 4", _next);
        int length = MemoryMarshal.Read<ushort>(rest);
        if (length < NetlinkWriter.AttributeHeaderSize || length > rest.Length)
            throw new WireFormatException($"an attribute of {length} bytes where {rest.Length} are left", _next);
        _start = _next;
        ushort type = MemoryMarshal.Read<ushort>(rest[2..]);
        (Type, IsMarkedNested) = ((ushort)(type & NLA_TYPE_MASK), (type & NLA_F_NESTED) != 0);
        Value = rest[NetlinkWriter.AttributeHeaderSize..length];
        _next += Math.Min(NetlinkWriter.Align(length), rest.Length);
        return true;
    }

    /// <summary>The attributes inside this one.</summary>
    public readonly AttributeReader ReadNest() => new(Value);

    /// <summary>One byte.</summary>
    public readonly byte ReadUInt8() => Sized(1)[0];

    /// <summary>Two bytes.</summary>
    public readonly ushort ReadUInt16() => MemoryMarshal.Read<ushort>(Sized(2));

    /// <summary>Two bytes in network byte order.</summary>
    public readonly ushort ReadUInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Sized(2));

    /// <summary>Four bytes.</summary>
    public readonly uint ReadUInt32() => MemoryMarshal.Read<uint>(Sized(4));

    /// <summary>Four bytes, signed.</summary>
    public readonly int ReadInt32() => MemoryMarshal.Read<int>(Sized(4));

    /// <summary>Four bytes in network byte order.</summary>
    public readonly uint ReadUInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Sized(4));

    /// <summary>Eight bytes.</summary>
    public readonly ulong ReadUInt64() => MemoryMarshal.Read<ulong>(Sized(8));

    /// <summary>Eight bytes in network byte order.</summary>
    public readonly ulong ReadUInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Sized(8));

    /// <summary>Text in UTF-8 up to its NUL, or to the end where the kernel sends none.</summary>
    public readonly string ReadString()
    {
        int end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    private readonly ReadOnlySpan<byte> Sized(int size) => Value.Length == size
        ? Value
        : throw new WireFormatException($"attribute {Type} holds {Value.Length} bytes instead of {size}", _start);
}
