using System.Text.Json;
using Cni;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Daemon;

/// <summary>What is written down of an attachment's leases: enough for another daemon to go on.</summary>
internal sealed record StoredLease
{
    // A thousand years, far from where times overflow.
    private const long MaxSince = 1000L * 366 * 24 * 60 * 60 * 1000;

    /// <summary>The kernel's boot: times mean nothing in another, and no interface has outlived it.</summary>
    public required string Boot { get; init; }

    public required LeaseRequest Request { get; init; }

    public Lease4? IPv4 { get; init; }

    public Lease6? IPv6 { get; init; }

    /// <summary>Whether it is on its way back to the servers: nobody is to use it, and a daemon that finds it goes on with that.</summary>
    public bool IsReleasing { get; init; }

    /// <summary>The interface's MAC address, for <see cref="IPv6"/>.</summary>
    public MacAddress? HardwareAddress { get; init; }

    /// <summary>Reads a file's content.</summary>
    /// <exception cref="CniException">It is none.</exception>
    public static StoredLease Read(ReadOnlySpan<byte> json, string path)
    {
        string boot = "";
        LeaseRequest? request = null;
        Lease4? ipv4 = null;
        Lease6? ipv6 = null;
        MacAddress? mac = null;
        bool releasing = false;
        JsonCursor cursor = new(json, path);
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("boot"u8))
                boot = cursor.String();
            else if (cursor.Is("request"u8))
                request = LeaseRequest.Read(ref cursor);
            else if (cursor.Is("releasing"u8))
                releasing = cursor.Boolean();
            else if (cursor.Is("ipv4"u8))
                ipv4 = ReadMessage(ref cursor, out MacAddress? station) is var (message, since)
                    && DhcpMessage.TryParseReply(message) is { } ack
                    && station is { } server
                    ? Lease4.TryRead(ack, server, since, out _)
                    : null;
            else if (cursor.Is("ipv6"u8))
                ipv6 = ReadMessage(ref cursor, out mac) is var (bytes, time) && Dhcp6Message.TryParse(bytes) is { } reply
                    ? Lease6.TryRead(reply, Client6.Association, time)
                    : null;
        }
        cursor.Finish();
        return new StoredLease
        {
            Boot = boot,
            Request = request ?? throw cursor.Lacks("request"),
            IsReleasing = releasing,
            IPv4 = ipv4,
            IPv6 = ipv6,
            HardwareAddress = mac,
        };
    }

    /// <summary>Writes a file's content.</summary>
    public byte[] ToJson() => JsonOutput.Write(writer =>
    {
        writer.WriteString("boot"u8, Boot);
        writer.WritePropertyName("request"u8);
        Request.WriteTo(writer);
        if (IsReleasing)
            writer.WriteBoolean("releasing"u8, true);
        if (IPv4 is { } four)
            WriteMessage(writer, "ipv4"u8, four.ServerStation, four.Times.Since, four.Message.ToReply());
        if (IPv6 is { } six)
            WriteMessage(writer, "ipv6"u8, HardwareAddress, six.Times.Since, six.Message.ToBytes());
    });

    private static void WriteMessage(Utf8JsonWriter writer, ReadOnlySpan<byte> key, MacAddress? mac, TimeSpan since, byte[] message)
    {
        writer.WriteStartObject(key);
        writer.WriteString("mac"u8, mac?.ToString());
        writer.WriteNumber("since"u8, (long)since.TotalMilliseconds);
        writer.WriteString("message"u8, Convert.ToHexStringLower(message));
        writer.WriteEndObject();
    }

    private static (byte[] Message, TimeSpan Since) ReadMessage(ref JsonCursor json, out MacAddress? mac)
    {
        mac = null;
        byte[] message = [];
        TimeSpan since = default;
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mac"u8))
                mac = json.Mac();
            else if (json.Is("since"u8))
            {
                since = json.Int64() is >= 0 and <= MaxSince and var milliseconds
                    ? TimeSpan.FromMilliseconds(milliseconds)
                    : throw json.Invalid("milliseconds since the kernel's boot");
            }
            else if (json.Is("message"u8))
                message = LeaseRequest.ReadHex(ref json);
        }
        return (message, since);
    }
}
