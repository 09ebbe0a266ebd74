using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Cni;
using Linux;
using Linux.Sockets;

namespace Datapath.Firewalld;

/// <summary>
/// Method calls over D-Bus with strings as arguments: as much of the protocol as firewalld needs (D-Bus Specification, "Message Protocol"
/// and "Authentication Protocol"). One call at a time, nothing is received but its answer.
/// </summary>
public sealed class SystemBus : IDisposable
{
    /// <summary>The environment variable that names another bus than the one at the usual place.</summary>
    public const string AddressVariable = "DBUS_SYSTEM_BUS_ADDRESS";

    // Where the specification says that the system's bus is ("Well-known Message Bus Instances").
    private const string DefaultPath = "/var/run/dbus/system_bus_socket";

    private const byte LittleEndian = (byte)'l';
    private const byte MethodCall = 1;
    private const byte MethodReturn = 2;
    private const byte Error = 3;
    private const byte NoAutoStart = 0x2;
    private const byte ProtocolVersion = 1;

    // Fields of a header.
    private const byte Path = 1;
    private const byte Interface = 2;
    private const byte Member = 3;
    private const byte ReplySerial = 5;
    private const byte Destination = 6;
    private const byte Signature = 8;

    private const int FixedHeaderSize = 16;
    private const int MaxMessageSize = 128 * 1024 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly UnixStream _stream;
    private uint _serial;

    private SystemBus(UnixStream stream) => _stream = stream;

    /// <summary>Connects as the user that this process runs as.</summary>
    /// <returns>Null if this host has no bus.</returns>
    /// <exception cref="CniException">The bus refused, or does not answer.</exception>
    public static SystemBus? TryConnect(string path = DefaultPath) => Open(UnixStream.TryConnect(path, s_timeout));

    /// <summary>Connects to the first of some addresses that somebody listens at (D-Bus Specification, "Server Addresses").</summary>
    /// <param name="addresses">What <see cref="AddressVariable"/> says.</param>
    /// <returns>Null if nobody listens at any.</returns>
    /// <exception cref="CniException">The bus refused, or does not answer; none of the addresses can be used.</exception>
    public static SystemBus? TryConnectTo(string addresses)
    {
        BusAddress[] usable;
        try
        {
            usable = BusAddress.Parse(addresses);
        }
        catch (FormatException e)
        {
            throw Unusable($"{AddressVariable} is \"{addresses}\": {e.Message}", e);
        }
        if (usable.Length == 0)
        {
            throw Unusable(
                $"{AddressVariable} is \"{addresses}\", which has no address of a kind that is understood here; use unix:path= or "
                + "unix:abstract=");
        }
        LinuxException? refusal = null;
        foreach (BusAddress address in usable)
        {
            try
            {
                if (address.TryConnect(s_timeout) is { } stream)
                    return Open(stream);
            }
            catch (LinuxException e)
            {
                refusal ??= e;
            }
        }
        return refusal is null ? null : throw Unusable(refusal.Message, refusal);
    }

    private static SystemBus? Open(UnixStream? stream)
    {
        if (stream is null)
            return null;
        SystemBus bus = new(stream);
        try
        {
            bus.Authenticate();
            _ = bus.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", []);
            return bus;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether a program answers to a name; none is started for it.</summary>
    public bool HasOwner(string name) =>
        ReadBoolean(Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", [name]));

    /// <summary>Calls a method and waits for its answer.</summary>
    /// <returns>The body of the answer.</returns>
    /// <exception cref="SystemBusException">The method answered with an error.</exception>
    /// <exception cref="CniException">There is no answer.</exception>
    public byte[] Call(string destination, string path, string target, string member, params ReadOnlySpan<string> arguments)
    {
        try
        {
            _stream.Send(Write(destination, path, target, member, arguments));
            return Receive();
        }
        catch (LinuxException e)
        {
            throw Unusable($"{target}.{member}: {e.Message}", e);
        }
    }

    /// <summary>The boolean that a body begins with.</summary>
    public static bool ReadBoolean(ReadOnlySpan<byte> body) => BinaryPrimitives.ReadUInt32LittleEndian(body) != 0;

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>The mechanism EXTERNAL without a name: the bus takes the user from the socket.</summary>
    private void Authenticate()
    {
        try
        {
            _stream.Send("\0AUTH EXTERNAL\r\nDATA\r\n"u8);
            if (ReceiveLine() is var challenge && !challenge.StartsWith("DATA", StringComparison.Ordinal))
                throw Unusable($"authentication is answered by \"{challenge}\"");
            if (ReceiveLine() is var answer && !answer.StartsWith("OK ", StringComparison.Ordinal))
                throw Unusable($"authentication is answered by \"{answer}\"");
            _stream.Send("BEGIN\r\n"u8);
        }
        catch (LinuxException e)
        {
            throw Unusable($"authentication: {e.Message}", e);
        }
    }

    private string ReceiveLine()
    {
        StringBuilder line = new();
        Span<byte> next = stackalloc byte[1];
        // One byte at a time: whatever follows the line is no part of the authentication.
        while (line.Length < 1024)
        {
            ReceiveAll(next);
            if (next[0] == '\n')
                return line.ToString().TrimEnd('\r');
            _ = line.Append((char)next[0]);
        }
        throw Unusable("authentication is answered without end");
    }

    // Header, aligned to 8 bytes, then the body:
    //   u8   endianness      'l'
    //   u8   type
    //   u8   flags
    //   u8   version
    //   u32  length of the body
    //   u32  serial
    //   array of (u8 code, variant), each aligned to 8
    private byte[] Write(string destination, string path, string target, string member, ReadOnlySpan<string> arguments)
    {
        List<byte> body = [];
        foreach (string argument in arguments)
            AppendString(body, argument);
        List<byte> message = [LittleEndian, MethodCall, NoAutoStart, ProtocolVersion];
        AppendUInt32(message, (uint)body.Count);
        AppendUInt32(message, ++_serial);
        AppendUInt32(message, 0);
        AppendField(message, Path, 'o', path);
        AppendField(message, Interface, 's', target);
        AppendField(message, Member, 's', member);
        AppendField(message, Destination, 's', destination);
        if (arguments.Length > 0)
            AppendSignature(message, new string('s', arguments.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(CollectionsMarshal.AsSpan(message)[12..], (uint)(message.Count - FixedHeaderSize));
        Align(message, 8);
        message.AddRange(body);
        return [.. message];
    }

    private byte[] Receive()
    {
        Span<byte> header = stackalloc byte[FixedHeaderSize];
        while (true)
        {
            ReceiveAll(header);
            uint bodyLength = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            uint fieldsLength = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
            if (header[0] != LittleEndian || (ulong)bodyLength + fieldsLength > MaxMessageSize)
                throw Unusable("an answer is not of this protocol, or not of this machine's byte order");
            byte[] fields = new byte[(fieldsLength + 7) / 8 * 8];
            ReceiveAll(fields);
            byte[] body = new byte[bodyLength];
            ReceiveAll(body);
            // Signals, such as that the bus has given us a name, come between.
            if (header[1] is not (MethodReturn or Error) || !IsAnswer(fields.AsSpan(0, (int)fieldsLength)))
                continue;
            return header[1] == MethodReturn ? body : throw new SystemBusException(ReadString(body));
        }
    }

    private bool IsAnswer(ReadOnlySpan<byte> fields)
    {
        // Each field: its code, the signature "x\0" of a variant with its length in front, the value in its alignment.
        for (int at = 0; at + 4 <= fields.Length; at = (at + 7) / 8 * 8)
        {
            byte code = fields[at];
            char type = (char)fields[at + 2];
            at += 4;
            if (type == 'g')
            {
                at += 1 + fields[at] + 1;
                continue;
            }
            uint value = BinaryPrimitives.ReadUInt32LittleEndian(fields[at..]);
            if (code == ReplySerial)
                return value == _serial;
            at += 4 + (type is 's' or 'o' ? (int)value + 1 : 0);
        }
        return false;
    }

    private void ReceiveAll(Span<byte> buffer)
    {
        for (int done = 0; done < buffer.Length;)
        {
            int count = _stream.Receive(buffer[done..]);
            done += count > 0 ? count : throw Unusable("it has closed the connection");
        }
    }

    private static string ReadString(ReadOnlySpan<byte> body) =>
        body.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(body) is var length && length <= body.Length - 4
            ? Encoding.UTF8.GetString(body.Slice(4, (int)length))
            : "";

    private static void AppendField(List<byte> message, byte code, char type, string value)
    {
        Align(message, 8);
        message.AddRange([code, 1, (byte)type, 0]);
        AppendString(message, value);
    }

    private static void AppendSignature(List<byte> message, string types)
    {
        Align(message, 8);
        message.AddRange([Signature, 1, (byte)'g', 0, (byte)types.Length, .. Encoding.ASCII.GetBytes(types), 0]);
    }

    private static void AppendString(List<byte> bytes, string text)
    {
        Align(bytes, 4);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        AppendUInt32(bytes, (uint)utf8.Length);
        bytes.AddRange([.. utf8, 0]);
    }

    private static void AppendUInt32(List<byte> bytes, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        bytes.AddRange(number);
    }

    private static void Align(List<byte> bytes, int to)
    {
        while (bytes.Count % to != 0)
            bytes.Add(0);
    }

    private static CniException Unusable(string message, Exception? cause = null) =>
        new(CniErrorCode.TryAgainLater, $"the D-Bus system bus cannot be used: {message}", inner: cause);
}
