using System.Text;

namespace Dhcp.Messages;

/// <summary>
/// Domain names of options. They end in resolv.conf files, so that nothing passes but letters, digits, '-', '_' and dots between: a
/// hostile server could otherwise write lines of its own there.
/// </summary>
internal static class DomainNames
{
    private const int MaxName = 253;
    private const int MaxLabel = 63;
    private const byte PointerBits = 0xc0;

    /// <summary>A name as text (option 15), perhaps with the NUL or the dot that some servers put behind it; null if it is none.</summary>
    public static string? ReadText(ReadOnlySpan<byte> value)
    {
        string name = Encoding.ASCII.GetString(value.TrimEnd((byte)0)).TrimEnd('.');
        return name.Length is > 0 and <= MaxName && name.Split('.').All(IsLabel) ? name : null;
    }

    /// <summary>
    /// Names in the form of RFC 1035, 3.1: option 24 of DHCPv6, and with pointers to earlier parts of the value (4.1.4) option 119. What is
    /// behind a malformed name is left out.
    /// </summary>
    public static List<string> ReadList(ReadOnlySpan<byte> value)
    {
        List<string> names = [];
        for (int at = 0; at < value.Length;)
        {
            if (ReadName(value, ref at) is not { } name)
                break;
            if (name.Length > 0)
                names.Add(name);
        }
        return names;
    }

    private static string? ReadName(ReadOnlySpan<byte> value, ref int position)
    {
        StringBuilder name = new();
        // Pointers lead backwards only, so the reading ends.
        for (int at = position, limit = value.Length, jumped = 0; at < limit;)
        {
            int length = value[at];
            if (length == 0)
            {
                if (jumped == 0)
                    position = at + 1;
                return name.ToString();
            }
            if ((length & PointerBits) == PointerBits)
            {
                if (at + 1 >= limit)
                    return null;
                if (jumped++ == 0)
                    position = at + 2;
                int target = ((length & ~PointerBits) << 8) | value[at + 1];
                if (target >= at)
                    return null;
                (at, limit) = (target, at);
                continue;
            }
            if (length > MaxLabel || at + 1 + length > limit)
                return null;
            string label = Encoding.ASCII.GetString(value.Slice(at + 1, length));
            if (!IsLabel(label) || name.Length + 1 + length > MaxName)
                return null;
            _ = name.Append(name.Length > 0 ? "." : "").Append(label);
            at += 1 + length;
        }
        return null;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabel && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
