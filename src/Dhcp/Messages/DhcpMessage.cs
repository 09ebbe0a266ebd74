using System.Buffers.Binary;
using System.Net;
using Linux.Addresses;

namespace Dhcp.Messages;

/// <summary>
/// A message of DHCPv4 (RFC 2131, 2). What comes from the network is checked for its form only; what it says may be nonsense.
/// </summary>
internal sealed class DhcpMessage
{
    // Offsets: op 0, htype 1, hlen 2, hops 3, xid 4, secs 8, flags 10, ciaddr 12, yiaddr 16, siaddr 20, giaddr 24, chaddr 28 (16 bytes),
    // sname 44 (64 bytes), file 108 (128 bytes), cookie 236, options 240.
    private const int TransactionOffset = 4;
    private const int SecondsOffset = 8;
    private const int FlagsOffset = 10;
    private const int ClientAddressOffset = 12;
    private const int YourAddressOffset = 16;
    private const int HardwareAddressOffset = 28;
    private const int ServerNameOffset = 44;
    private const int FileOffset = 108;
    private const int CookieOffset = 236;
    private const int OptionsOffset = 240;

    private const byte BootRequest = 1;
    private const byte BootReply = 2;
    private const byte Ethernet = 1;
    private const uint Cookie = 0x63825363;
    private const ushort BroadcastFlag = 0x8000;

    // RFC 1542, 2.1: relays and servers may drop what is shorter than a BOOTP message.
    private const int MinSize = 300;

    // Values of option 52.
    private const byte FileHoldsOptions = 1;
    private const byte ServerNameHoldsOptions = 2;

    /// <summary>xid: the same in all messages of an exchange.</summary>
    public required uint TransactionId { get; init; }

    /// <summary>secs: how long the client has been trying.</summary>
    public ushort Seconds { get; init; }

    /// <summary>Asks the server to broadcast its answer, for clients that receive nothing else.</summary>
    public bool Broadcast { get; init; }

    /// <summary>ciaddr: the address that the client has and answers for.</summary>
    public IPAddress ClientAddress { get; init; } = IPAddress.Any;

    /// <summary>yiaddr: the address that the server gives.</summary>
    public IPAddress YourAddress { get; init; } = IPAddress.Any;

    /// <summary>chaddr.</summary>
    public required MacAddress HardwareAddress { get; init; }

    /// <summary>The options by their codes; a value of several parts is joined (RFC 3396).</summary>
    public SortedDictionary<byte, byte[]> Options { get; init; } = [];

    /// <summary>Option 53; null if it is none that exists.</summary>
    public DhcpMessageType? Type =>
        Options.GetValueOrDefault(DhcpOption.MessageType) is [var type]
            && type is >= (byte)DhcpMessageType.Discover and <= (byte)DhcpMessageType.Inform
            ? (DhcpMessageType)type
            : null;

    /// <summary>Option 54.</summary>
    public IPAddress? Server => Address(DhcpOption.ServerIdentifier);

    /// <summary>Reads an answer of a server; null if it is none, or is cut off.</summary>
    public static DhcpMessage? TryParseReply(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < OptionsOffset || BinaryPrimitives.ReadUInt32BigEndian(bytes[CookieOffset..]) != Cookie)
            return null;
        if (bytes[0] != BootReply || bytes[1] != Ethernet || bytes[2] != MacAddress.Size)
            return null;
        SortedDictionary<byte, byte[]> options = [];
        if (!TryReadOptions(bytes[OptionsOffset..], options))
            return null;
        byte overload = options.GetValueOrDefault(DhcpOption.Overload) is [var value] ? value : (byte)0;
        if ((overload & FileHoldsOptions) != 0 && !TryReadOptions(bytes[FileOffset..CookieOffset], options))
            return null;
        if ((overload & ServerNameHoldsOptions) != 0 && !TryReadOptions(bytes[ServerNameOffset..FileOffset], options))
            return null;
        return new DhcpMessage
        {
            TransactionId = BinaryPrimitives.ReadUInt32BigEndian(bytes[TransactionOffset..]),
            Seconds = BinaryPrimitives.ReadUInt16BigEndian(bytes[SecondsOffset..]),
            Broadcast = (BinaryPrimitives.ReadUInt16BigEndian(bytes[FlagsOffset..]) & BroadcastFlag) != 0,
            ClientAddress = new IPAddress(bytes.Slice(ClientAddressOffset, 4)),
            YourAddress = new IPAddress(bytes.Slice(YourAddressOffset, 4)),
            HardwareAddress = new MacAddress(bytes.Slice(HardwareAddressOffset, MacAddress.Size)),
            Options = options,
        };
    }

    /// <summary>The message as a client sends it.</summary>
    public byte[] ToRequest() => Write(BootRequest);

    /// <summary>The message as a server sends it: how a lease is written down.</summary>
    public byte[] ToReply() => Write(BootReply);

    /// <summary>The value of an option that is one address; null if it is absent or something else.</summary>
    public IPAddress? Address(byte option) => Options.GetValueOrDefault(option) is { Length: 4 } value ? new IPAddress(value) : null;

    /// <summary>The value of an option that is a number of seconds; null if it is absent or something else.</summary>
    public uint? SecondsOf(byte option) =>
        Options.GetValueOrDefault(option) is { Length: 4 } value ? BinaryPrimitives.ReadUInt32BigEndian(value) : null;

    private byte[] Write(byte operation)
    {
        // A value longer than 255 bytes, as a server may have sent it in parts, is sent in parts again.
        int size = OptionsOffset + Options.Sum(static option => option.Value.Length + (2 * Parts(option.Value))) + 1;
        byte[] bytes = new byte[Math.Max(size, MinSize)];
        bytes[0] = operation;
        bytes[1] = Ethernet;
        bytes[2] = MacAddress.Size;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(TransactionOffset), TransactionId);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(SecondsOffset), Seconds);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(FlagsOffset), Broadcast ? BroadcastFlag : (ushort)0);
        _ = ClientAddress.TryWriteBytes(bytes.AsSpan(ClientAddressOffset), out _);
        _ = YourAddress.TryWriteBytes(bytes.AsSpan(YourAddressOffset), out _);
        HardwareAddress.CopyTo(bytes.AsSpan(HardwareAddressOffset));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CookieOffset), Cookie);
        int at = OptionsOffset;
        foreach ((byte code, byte[] value) in Options)
        {
            for (int part = 0, from = 0; part < Parts(value); part++, from += byte.MaxValue)
            {
                int length = Math.Min(value.Length - from, byte.MaxValue);
                bytes[at++] = code;
                bytes[at++] = (byte)length;
                value.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                at += length;
            }
        }
        bytes[at] = DhcpOption.End;
        return bytes;
    }

    private static int Parts(byte[] value) => Math.Max(1, (value.Length + byte.MaxValue - 1) / byte.MaxValue);

    private static bool TryReadOptions(ReadOnlySpan<byte> field, SortedDictionary<byte, byte[]> options)
    {
        for (int at = 0; at < field.Length && field[at] != DhcpOption.End;)
        {
            byte code = field[at++];
            if (code == DhcpOption.Pad)
                continue;
            if (at == field.Length || field[at] > field.Length - at - 1)
                return false;
            ReadOnlySpan<byte> value = field.Slice(at + 1, field[at]);
            options[code] = [.. options.GetValueOrDefault(code) ?? [], .. value];
            at += 1 + value.Length;
        }
        return true;
    }
}
