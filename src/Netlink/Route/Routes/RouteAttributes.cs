using System.Net;
using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Route.Routes;

/// <summary>Attributes and headers that hold addresses.</summary>
internal static class RouteAttributes
{
    public static void WriteAddressAttribute(this NetlinkWriter writer, ushort type, IPAddress address)
    {
        int token = writer.BeginAttribute(type);
        writer.WriteAddress(address);
        writer.EndNest(token);
    }

    public static void WriteAddress(this NetlinkWriter writer, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out int length);
        writer.WriteBytes(bytes[..length]);
    }

    public static void WriteMacAttribute(this NetlinkWriter writer, ushort type, MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        mac.CopyTo(bytes);
        writer.WriteAttribute(type, bytes);
    }

    public static IPAddress ReadAddress(this AttributeReader attribute) => ReadAddress(attribute.Value);

    public static IPAddress ReadAddress(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16
        ? new IPAddress(bytes)
        : throw new WireFormatException($"an address of {bytes.Length} bytes", 0);

    /// <summary>What an attribute holds behind a header of its own.</summary>
    public static ReadOnlySpan<byte> ReadFrom(this AttributeReader attribute, int size) => attribute.Value.Length >= size
        ? attribute.Value[size..]
        : throw new WireFormatException($"attribute {attribute.Type} holds {attribute.Value.Length} bytes, less than its header", 0);

    /// <summary>Null for hardware addresses that are not Ethernet's.</summary>
    public static MacAddress? ReadMac(this AttributeReader attribute) =>
        attribute.Value.Length == MacAddress.Size ? new MacAddress(attribute.Value) : null;

    public static bool ReadBoolean(this AttributeReader attribute) => attribute.ReadUInt8() != 0;

    /// <summary>The fixed header of a message.</summary>
    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> payload, int size) => payload.Length >= size
        ? payload[..size]
        : throw new WireFormatException($"{payload.Length} bytes where a message header needs {size}", 0);

    public static int ReadInt32(this ReadOnlySpan<byte> header, int offset) => MemoryMarshal.Read<int>(header[offset..]);
}
