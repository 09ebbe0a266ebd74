using System.Runtime.InteropServices;
using System.Text;
using Netlink.Wire;

namespace Netlink.Nftables;

/// <summary>
/// Notes of user space on an object, which the kernel keeps and nft reads: a row of u8 type, u8 length, value
/// (libnftnl, include/libnftnl/udata.h).
/// </summary>
internal static class NftUserData
{
    // The type of a comment on a table, chain, rule or element is 0, on a set 7.
    private const byte Comment = 0;
    private const byte SetKeyByteOrder = 0;
    private const byte SetDataByteOrder = 1;
    private const byte SetDataInterval = 6;
    private const byte SetComment = 7;

    /// <summary>Writes the comment of a table, chain, rule or element; nothing if there is none.</summary>
    public static void WriteComment(NetlinkWriter writer, ushort attribute, string? comment)
    {
        if (comment is null)
            return;
        int token = writer.BeginAttribute(attribute);
        WriteText(writer, Comment, comment);
        writer.EndNest(token);
    }

    /// <summary>The comment of a table, chain, rule or element.</summary>
    public static string? ReadComment(ReadOnlySpan<byte> userData) =>
        TryFind(userData, Comment, out ReadOnlySpan<byte> text) ? Text(text) : null;

    // NFTA_SET_USERDATA as nft 1.0.6 writes it; typeof (3, 4) is left out, nft then prints the type numbers' names:
    //   0  u32  key byte order
    //   1  u32  byte order of what a map maps to
    //   6  u32  whether a map maps to intervals
    //   7  text comment

    /// <summary>Writes what nft needs to print a set.</summary>
    public static void WriteSet(NetlinkWriter writer, ushort attribute, NftByteOrder key, NftByteOrder? data, string? comment)
    {
        int token = writer.BeginAttribute(attribute);
        WriteNumber(writer, SetKeyByteOrder, (uint)key);
        if (data is { } order)
        {
            WriteNumber(writer, SetDataByteOrder, (uint)order);
            WriteNumber(writer, SetDataInterval, 0);
        }
        if (comment is not null)
            WriteText(writer, SetComment, comment);
        writer.EndNest(token);
    }

    /// <summary>The comment of a set.</summary>
    public static string? ReadSetComment(ReadOnlySpan<byte> userData) =>
        TryFind(userData, SetComment, out ReadOnlySpan<byte> text) ? Text(text) : null;

    /// <summary>The byte orders of a set's keys and values, as far as they are noted.</summary>
    public static (NftByteOrder Key, NftByteOrder Data) ReadSetByteOrders(ReadOnlySpan<byte> userData) =>
        (ReadOrder(userData, SetKeyByteOrder), ReadOrder(userData, SetDataByteOrder));

    private static void WriteText(NetlinkWriter writer, byte type, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(NftComment.Fit(text));
        writer.WriteUInt8(type);
        writer.WriteUInt8((byte)(bytes.Length + 1));
        writer.WriteBytes(bytes);
        writer.WriteUInt8(0);
    }

    private static void WriteNumber(NetlinkWriter writer, byte type, uint value)
    {
        writer.WriteUInt8(type);
        writer.WriteUInt8(sizeof(uint));
        writer.WriteUInt32(value);
    }

    private static NftByteOrder ReadOrder(ReadOnlySpan<byte> userData, byte type) =>
        TryFind(userData, type, out ReadOnlySpan<byte> value) && value.Length == sizeof(uint)
            ? (NftByteOrder)MemoryMarshal.Read<uint>(value)
            : NftByteOrder.None;

    /// <summary>Others may write what they like here, so a row that does not fit ends the search and is no error.</summary>
    private static bool TryFind(ReadOnlySpan<byte> userData, byte type, out ReadOnlySpan<byte> value)
    {
        while (userData.Length >= 2 && userData.Length - 2 >= userData[1])
        {
            value = userData.Slice(2, userData[1]);
            if (userData[0] == type)
                return true;
            userData = userData[(2 + value.Length)..];
        }
        value = default;
        return false;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
}
