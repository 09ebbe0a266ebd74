namespace Dhcp.Messages;

/// <summary>A message between client and server of DHCPv6 (RFC 8415, 8): its type, a transaction of three bytes, options.</summary>
/// <param name="Type">The first byte.</param>
/// <param name="TransactionId">24 bits, the same in a request and its answer.</param>
/// <param name="Options">All options.</param>
internal sealed record Dhcp6Message(Dhcp6MessageType Type, uint TransactionId, Dhcp6Options Options)
{
    /// <summary>Transactions have this many bits.</summary>
    public const int TransactionBits = 24;

    private const int HeaderSize = 4;

    /// <summary>Reads a message; null if it is cut off.</summary>
    public static Dhcp6Message? TryParse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize || Dhcp6Options.TryParse(bytes[HeaderSize..]) is not { } options)
            return null;
        return new Dhcp6Message((Dhcp6MessageType)bytes[0], ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3], options);
    }

    /// <summary>The message as it is sent.</summary>
    public byte[] ToBytes() =>
        [(byte)Type, (byte)(TransactionId >> 16), (byte)(TransactionId >> 8), (byte)TransactionId, .. Options.ToBytes()];
}
