using System.Text;
using System.Text.Json;
using Cni;
using Dhcp.Messages;
using Linux;

namespace Dhcp.Client;

/// <summary>
/// What an attachment asks of DHCP: sent by the plugin, and kept with the lease, so that it is renewed as it was asked for.
/// </summary>
public sealed record LeaseRequest
{
    public required string Network { get; init; }

    public required string ContainerId { get; init; }

    public required string IfName { get; init; }

    /// <summary>The absolute path of the network namespace, as the plugin sees it.</summary>
    public required string NetNS { get; init; }

    /// <summary>Whether a DHCPv4 server is asked.</summary>
    public required bool IPv4 { get; init; }

    /// <summary>Whether a DHCPv6 server is asked for an address.</summary>
    public required bool IPv6 { get; init; }

    /// <summary>The metric of every route; null for the kernel's.</summary>
    public int? Priority { get; init; }

    /// <summary>DHCPv4 options that are sent, by their codes.</summary>
    public IReadOnlyDictionary<byte, byte[]> Options { get; init; } = new Dictionary<byte, byte[]>();

    /// <summary>The codes of the DHCPv4 options that the server is asked for.</summary>
    public IReadOnlyList<byte> RequestedOptions { get; init; } = [];

    internal LeaseKey Key => new(Network, ContainerId, IfName);

    /// <summary>
    /// The client identifier, in every message the same: that of <c>provide</c>, or 0 (no hardware type, RFC 2132, 9.14) and the
    /// attachment's names, cut to what an option holds.
    /// </summary>
    internal byte[] ClientId
    {
        get
        {
            if (Options.GetValueOrDefault(DhcpOption.ClientIdentifier) is { } own)
                return own;
            byte[] names = Encoding.UTF8.GetBytes(Key.ToString());
            return [0, .. names.AsSpan(0, Math.Min(names.Length, byte.MaxValue - 1))];
        }
    }

    /// <summary>The DHCPv6 client's DUID: type 4 (RFC 6355), a UUID, here one that follows from the attachment's names.</summary>
    internal byte[] UniqueId => [0, 4, .. Convert.FromHexString(Sha512.HexPrefix(32, "dhcp", Network, ContainerId, IfName))];

    /// <summary>Reads the object on which a cursor stands.</summary>
    internal static LeaseRequest Read(ref JsonCursor json)
    {
        string network = "", containerId = "", ifName = "", netns = "";
        bool ipv4 = false, ipv6 = false;
        int? priority = null;
        Dictionary<byte, byte[]> options = [];
        byte[] requested = [];
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("network"u8))
                network = json.String();
            else if (json.Is("containerID"u8))
                containerId = json.String();
            else if (json.Is("ifname"u8))
                ifName = json.String();
            else if (json.Is("netns"u8))
                netns = json.String();
            else if (json.Is("ipv4"u8))
                ipv4 = json.Boolean();
            else if (json.Is("ipv6"u8))
                ipv6 = json.Boolean();
            else if (json.Is("priority"u8))
                priority = json.Int32();
            else if (json.Is("options"u8))
                options = ReadOptions(ref json);
            else if (json.Is("request"u8))
                requested = ReadHex(ref json);
        }
        return new LeaseRequest
        {
            Network = network,
            ContainerId = containerId,
            IfName = ifName,
            NetNS = netns,
            IPv4 = ipv4,
            IPv6 = ipv6,
            Priority = priority,
            Options = options,
            RequestedOptions = requested,
        };
    }

    /// <summary>Writes the object; bytes are in hexadecimal.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("network"u8, Network);
        writer.WriteString("containerID"u8, ContainerId);
        writer.WriteString("ifname"u8, IfName);
        writer.WriteString("netns"u8, NetNS);
        writer.WriteBoolean("ipv4"u8, IPv4);
        writer.WriteBoolean("ipv6"u8, IPv6);
        if (Priority is { } priority)
            writer.WriteNumber("priority"u8, priority);
        writer.WriteStartArray("options"u8);
        foreach ((byte code, byte[] value) in Options)
        {
            writer.WriteStartObject();
            writer.WriteNumber("option"u8, code);
            writer.WriteString("value"u8, Convert.ToHexStringLower(value));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("request"u8, Convert.ToHexStringLower([.. RequestedOptions]));
        writer.WriteEndObject();
    }

    /// <summary>Reads bytes in hexadecimal.</summary>
    internal static byte[] ReadHex(ref JsonCursor json)
    {
        try
        {
            return Convert.FromHexString(json.String());
        }
        catch (FormatException)
        {
            throw json.Invalid("hexadecimal digits");
        }
    }

    private static Dictionary<byte, byte[]> ReadOptions(ref JsonCursor json)
    {
        Dictionary<byte, byte[]> options = [];
        json.EnterArray();
        while (json.NextElement())
        {
            byte code = 0;
            byte[] value = [];
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("option"u8))
                    code = (byte)json.UInt32();
                else if (json.Is("value"u8))
                    value = ReadHex(ref json);
            }
            options[code] = value;
        }
        return options;
    }
}
