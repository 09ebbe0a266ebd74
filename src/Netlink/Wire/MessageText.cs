using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Netlink.Wire;

/// <summary>
/// Messages as text with the kernel's names, one line for each message and each attribute. Made for people who look for a mistake: what it
/// does not know, or what is malformed, it shows in hexadecimal.
/// </summary>
/// <param name="schema">The names of the protocol.</param>
/// <param name="describeError">An errno in words.</param>
internal sealed class MessageText(MessageSchema schema, Func<int, string> describeError)
{
    // linux/netlink.h
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;

    private const int MostBytes = 64;

    private readonly AttributeNames _unknown = new("", "-");

    /// <param name="direction">What stands before each message: &gt; for one to the kernel, &lt; for one from it.</param>
    /// <param name="datagram">The messages.</param>
    public string Describe(char direction, ReadOnlySpan<byte> datagram)
    {
        StringBuilder text = new();
        MessageReader messages = new(datagram);
        try
        {
            while (messages.MoveNext())
                Describe(direction, messages, text);
        }
        catch (WireFormatException e)
        {
            text.Append(CultureInfo.InvariantCulture, $"{direction} {e.Message}: {Hex(datagram)}\n");
        }
        return text.ToString().TrimEnd('\n');
    }

    private void Describe(char direction, MessageReader message, StringBuilder text)
    {
        MessageSchema.Format format = schema.Find(message.Type);
        text.Append(CultureInfo.InvariantCulture, $"{direction} {format.Name} seq {message.Sequence} port {message.PortId} flags ")
            .Append(MessageSchema.FlagsText((ushort)message.Flags, message.Type, format.Name)).Append('\n');
        ReadOnlySpan<byte> payload = message.Payload;
        if (message.Type is NLMSG_ERROR or NLMSG_DONE)
        {
            DescribeError(message, text);
            return;
        }
        int header = Math.Min(format.HeaderSize, payload.Length);
        if (header > 0)
            text.Append(CultureInfo.InvariantCulture, $"    {Hex(payload[..header])}\n");
        Describe(
            new AttributeReader(payload[Math.Min(NetlinkWriter.Align(header), payload.Length)..]), format.Attributes ?? _unknown, 1, text);
    }

    // struct nlmsgerr: s32 error, the header of the request, its payload unless NLM_F_CAPPED, then attributes; NLMSG_DONE: s32 error,
    // attributes
    private void DescribeError(MessageReader message, StringBuilder text)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length < sizeof(int))
            return;
        int error = -MemoryMarshal.Read<int>(payload);
        text.Append(CultureInfo.InvariantCulture, $"    {(error == 0 ? "success" : describeError(error))}\n");
        if (!message.Flags.HasFlag(AnswerFlags.ExtendedAcknowledgement))
            return;
        int start = sizeof(int);
        if (message.Type == NLMSG_ERROR)
        {
            start += message.Flags.HasFlag(AnswerFlags.Capped) || payload.Length < 2 * sizeof(int)
                ? NetlinkWriter.MessageHeaderSize
                : NetlinkWriter.Align((int)Math.Min(MemoryMarshal.Read<uint>(payload[sizeof(int)..]), int.MaxValue / 2));
        }
        if (start <= payload.Length)
            Describe(new AttributeReader(payload[start..]), schema.Error, 1, text);
    }

    private void Describe(AttributeReader attributes, AttributeNames names, int depth, StringBuilder text)
    {
        string? deciding = null;
        try
        {
            while (attributes.MoveNext())
            {
                ReadOnlySpan<byte> value = attributes.Value;
                text.Append(' ', 4 * depth).Append(names.NameOf(attributes.Type));
                if (names.Decides(attributes.Type))
                    deciding = attributes.ReadString();
                (AttributeNames Names, int Header)? inside = names.InsideOf(attributes.Type, deciding);
                if (inside is null && attributes.IsMarkedNested)
                    inside = (_unknown, 0);
                if (inside is not { } nest || value.Length < nest.Header)
                {
                    text.Append(Value(value)).Append('\n');
                    continue;
                }
                text.Append(nest.Header > 0 ? $" {Hex(value[..nest.Header])}\n" : "\n");
                Describe(new AttributeReader(value[nest.Header..]), nest.Names, depth + 1, text);
            }
        }
        catch (WireFormatException e)
        {
            text.Append(' ', 4 * depth).Append(e.Message).Append('\n');
        }
    }

    private static string Value(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return "";
        ReadOnlySpan<byte> visible = value.TrimEnd((byte)0);
        return visible.Length > 1 && visible.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0
            ? $" \"{Encoding.ASCII.GetString(visible)}\""
            : $" {Hex(value)}";
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => bytes.Length <= MostBytes
        ? Convert.ToHexStringLower(bytes)
        : $"{Convert.ToHexStringLower(bytes[..MostBytes])}… ({bytes.Length.ToString(CultureInfo.InvariantCulture)} bytes)";
}
