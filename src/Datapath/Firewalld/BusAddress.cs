using System.Globalization;
using System.Text;
using Linux;
using Linux.Sockets;

namespace Datapath.Firewalld;

/// <summary>
/// The address of a D-Bus server on this host: <c>unix:path=/run/dbus/socket</c>, <c>unix:abstract=name</c> (D-Bus Specification, "Server
/// Addresses" and "Unix Domain Sockets").
/// </summary>
/// <param name="Name">The path, or the abstract name.</param>
/// <param name="IsAbstract">Whether it is none of a file.</param>
public readonly record struct BusAddress(byte[] Name, bool IsAbstract)
{
    /// <summary>Connects.</summary>
    /// <returns>Null if nobody listens there.</returns>
    /// <exception cref="LinuxException">It cannot be reached for another reason.</exception>
    public UnixStream? TryConnect(TimeSpan timeout) =>
        IsAbstract ? UnixStream.TryConnectAbstract(Name, timeout) : UnixStream.TryConnect(Encoding.UTF8.GetString(Name), timeout);

    /// <summary>Reads addresses with semicolons between; those of other transports, which other clients may use, are left out.</summary>
    /// <exception cref="FormatException">One is not of the specification's form; the message says how.</exception>
    public static BusAddress[] Parse(string addresses) =>
        [.. addresses.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(ParseOne).OfType<BusAddress>()];

    private static BusAddress? ParseOne(string address)
    {
        if (address.IndexOf(':', StringComparison.Ordinal) is var colon && colon <= 0)
            throw new FormatException($"\"{address}\" has no transport and colon in front");
        BusAddress? found = null;
        foreach (string pair in address[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is var equals && equals <= 0)
                throw new FormatException($"\"{pair}\" in \"{address}\" is not of the form key=value");
            byte[] value = Unescape(pair[(equals + 1)..], address);
            if (address[..colon] != "unix" || pair[..equals] is not ("path" or "abstract"))
                continue;
            if (found is not null)
                throw new FormatException($"\"{address}\" names two sockets");
            found = value.Length > 0 && !(pair[..equals] == "path" && value.Contains((byte)0))
                ? new BusAddress(value, pair[..equals] == "abstract")
                : throw new FormatException($"\"{pair}\" in \"{address}\" names no socket");
        }
        return found;
    }

    /// <summary>Only some characters stand for themselves; every byte may be written as %xx.</summary>
    private static byte[] Unescape(string value, string address)
    {
        List<byte> bytes = [];
        for (int i = 0; i < value.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(value[i]) || "-_/.\\*".Contains(value[i], StringComparison.Ordinal))
                bytes.Add((byte)value[i]);
            else if (value[i] == '%' && i + 2 < value.Length
                && byte.TryParse(value.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte escaped))
            {
                bytes.Add(escaped);
                i += 2;
            }
            else
                throw new FormatException($"\"{value[i]}\" in \"{address}\" must be written as %xx");
        }
        return [.. bytes];
    }
}
