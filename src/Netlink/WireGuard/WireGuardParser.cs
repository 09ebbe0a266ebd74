using System.Net;
using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Generic;
using Netlink.Wire;
using static Netlink.WireGuard.WireGuardMessage;

namespace Netlink.WireGuard;

/// <summary>
/// Reads WG_CMD_GET_DEVICE, whose answer goes over several messages where it is long: later ones have the name and further peers alone, and
/// the first peer of one may be the last of the one before, with nothing but its key and further allowed IPs (linux/wireguard.h).
/// </summary>
internal static class WireGuardParser
{
    /// <summary>Reads one message.</summary>
    /// <exception cref="WireFormatException">It does not have the shape that its headers promise.</exception>
    public static WireGuardDevice Parse(ReadOnlySpan<byte> payload)
    {
        WireGuardDevice device = new();
        AttributeReader attributes = GenericMessage.AttributesOf(payload);
        while (attributes.MoveNext())
        {
            device = attributes.Type switch
            {
                WGDEVICE_A_IFINDEX => device with { Index = attributes.ReadInt32() },
                WGDEVICE_A_IFNAME => device with { Name = attributes.ReadString() },
                WGDEVICE_A_PRIVATE_KEY => device with { PrivateKey = ReadKey(attributes) },
                WGDEVICE_A_PUBLIC_KEY => device with { PublicKey = ReadKey(attributes) },
                WGDEVICE_A_LISTEN_PORT => device with { ListenPort = attributes.ReadUInt16() },
                WGDEVICE_A_FWMARK => device with { FirewallMark = attributes.ReadUInt32() },
                WGDEVICE_A_PEERS => device with { Peers = ReadPeers(attributes.ReadNest()) },
                _ => device,
            };
        }
        return device;
    }

    /// <summary>Puts the messages of one answer together.</summary>
    /// <param name="parts">At least one.</param>
    public static WireGuardDevice Join(IReadOnlyList<WireGuardDevice> parts)
    {
        List<WireGuardPeer> peers = [.. parts[0].Peers];
        foreach (WireGuardDevice part in parts.Skip(1))
        {
            IEnumerable<WireGuardPeer> others = part.Peers;
            if (peers.Count > 0 && part.Peers is [var first, ..] && first.PublicKey == peers[^1].PublicKey)
            {
                peers[^1] = peers[^1] with { AllowedIps = [.. peers[^1].AllowedIps, .. first.AllowedIps] };
                others = part.Peers.Skip(1);
            }
            peers.AddRange(others);
        }
        return parts[0] with { Peers = peers };
    }

    private static List<WireGuardPeer> ReadPeers(AttributeReader list)
    {
        List<WireGuardPeer> peers = [];
        while (list.MoveNext())
            peers.Add(ReadPeer(list.ReadNest()));
        return peers;
    }

    private static WireGuardPeer ReadPeer(AttributeReader attributes)
    {
        WireGuardPeer peer = new() { PublicKey = default };
        while (attributes.MoveNext())
        {
            peer = attributes.Type switch
            {
                WGPEER_A_PUBLIC_KEY => peer with { PublicKey = ReadKey(attributes) ?? default },
                WGPEER_A_PRESHARED_KEY => peer with { PresharedKey = ReadKey(attributes) },
                WGPEER_A_ENDPOINT => peer with { Endpoint = WireGuardEndpoint.Read(attributes.Value) },
                WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL => peer with { PersistentKeepalive = attributes.ReadUInt16() },
                WGPEER_A_LAST_HANDSHAKE_TIME => peer with { LastHandshake = ReadTime(attributes.Value) },
                WGPEER_A_RX_BYTES => peer with { ReceivedBytes = attributes.ReadUInt64() },
                WGPEER_A_TX_BYTES => peer with { SentBytes = attributes.ReadUInt64() },
                WGPEER_A_ALLOWEDIPS => peer with { AllowedIps = ReadAllowedIps(attributes.ReadNest()) },
                _ => peer,
            };
        }
        return peer;
    }

    private static List<IpPrefix> ReadAllowedIps(AttributeReader list)
    {
        List<IpPrefix> prefixes = [];
        while (list.MoveNext())
        {
            (IPAddress? address, byte length) = (null, 0);
            AttributeReader attributes = list.ReadNest();
            while (attributes.MoveNext())
            {
                // The length tells the family.
                if (attributes.Type == WGALLOWEDIP_A_IPADDR)
                {
                    address = attributes.Value.Length is 4 or 16
                        ? new IPAddress(attributes.Value)
                        : throw new WireFormatException($"an address of {attributes.Value.Length} bytes instead of 4 or 16", 0);
                }
                else if (attributes.Type == WGALLOWEDIP_A_CIDR_MASK)
                {
                    length = attributes.ReadUInt8();
                }
            }
            if (address is null || length > address.Family.AddressBits)
                throw new WireFormatException($"an allowed IP with {(address is null ? "no address" : $"the length {length}")}", 0);
            prefixes.Add(new IpPrefix(address, length));
        }
        return prefixes;
    }

    private static WireGuardKey? ReadKey(AttributeReader attribute)
    {
        if (attribute.Value.Length != WireGuardKey.Size)
            throw new WireFormatException($"a key of {attribute.Value.Length} bytes instead of {WireGuardKey.Size}", 0);
        WireGuardKey key = new(attribute.Value);
        return key.IsNone ? null : key;
    }

    // struct __kernel_timespec, linux/time_types.h: s64 seconds since 1970, s64 nanoseconds
    private static DateTimeOffset? ReadTime(ReadOnlySpan<byte> time)
    {
        const int Size = 16;
        if (time.Length != Size)
            throw new WireFormatException($"a time of {time.Length} bytes instead of {Size}", 0);
        (long seconds, long nanoseconds) = (MemoryMarshal.Read<long>(time), MemoryMarshal.Read<long>(time[sizeof(long)..]));
        // Within what the type can say; the kernel's clock is.
        if (seconds is < 0 or > 253402300799 || nanoseconds is < 0 or > 999_999_999)
            throw new WireFormatException($"a time of {seconds} s and {nanoseconds} ns", 0);
        return (seconds, nanoseconds) == (0, 0)
            ? null
            : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }
}
