using System.Buffers.Binary;

namespace Dhcp.Messages;

/// <summary>A list of DHCPv6 options: code and length in two bytes each, then the value (RFC 8415, 21.1).</summary>
internal sealed class Dhcp6Options
{
    private const int HeaderSize = 4;

    private readonly List<(ushort Code, byte[] Value)> _options = [];

    /// <summary>Reads a list; null if it is cut off.</summary>
    public static Dhcp6Options? TryParse(ReadOnlySpan<byte> bytes)
    {
        Dhcp6Options options = new();
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < HeaderSize)
                return null;
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if (length > bytes.Length - HeaderSize)
                return null;
            options.Add(BinaryPrimitives.ReadUInt16BigEndian(bytes), bytes.Slice(HeaderSize, length));
            bytes = bytes[(HeaderSize + length)..];
        }
        return options;
    }

    /// <summary>Puts an option behind the others.</summary>
    public Dhcp6Options Add(ushort code, ReadOnlySpan<byte> value)
    {
        _options.Add((code, value.ToArray()));
        return this;
    }

    /// <summary>The value of the first option of a code; null if there is none.</summary>
    public byte[]? Find(ushort code) => FindAll(code).FirstOrDefault();

    /// <summary>The values of all options of a code.</summary>
    public IEnumerable<byte[]> FindAll(ushort code) => _options.Where(option => option.Code == code).Select(static option => option.Value);

    /// <summary>The list as it is sent.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[_options.Sum(static option => HeaderSize + option.Value.Length)];
        Span<byte> rest = bytes;
        foreach ((ushort code, byte[] value) in _options)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, code);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)value.Length);
            value.CopyTo(rest[HeaderSize..]);
            rest = rest[(HeaderSize + value.Length)..];
        }
        return bytes;
    }
}
