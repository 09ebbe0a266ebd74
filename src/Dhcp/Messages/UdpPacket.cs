using System.Buffers.Binary;
using System.Net;

namespace Dhcp.Messages;

/// <summary>A UDP datagram in an IPv4 packet without options (RFC 791, RFC 768).</summary>
internal static class UdpPacket
{
    private const int IPHeaderSize = 20;
    private const int UdpHeaderSize = 8;
    private const byte Version4FiveWords = 0x45;
    private const byte Udp = 17;
    private const byte TimeToLive = 64;
    private const ushort DoNotFragment = 0x4000;
    private const ushort MoreFragmentsAndOffset = 0x3fff;

    /// <summary>Wraps a payload.</summary>
    public static byte[] Write(
        IPAddress source, ushort sourcePort, IPAddress destination, ushort destinationPort, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[IPHeaderSize + UdpHeaderSize + payload.Length];
        Span<byte> ip = packet.AsSpan(0, IPHeaderSize), udp = packet.AsSpan(IPHeaderSize);
        ip[0] = Version4FiveWords;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], DoNotFragment);
        ip[8] = TimeToLive;
        ip[9] = Udp;
        _ = source.TryWriteBytes(ip[12..], out _);
        _ = destination.TryWriteBytes(ip[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum(Sum(ip)));

        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        payload.CopyTo(udp[UdpHeaderSize..]);
        // The pseudo-header: both addresses, the protocol, the length.
        ushort checksum = Checksum(Sum(udp) + Sum(ip[12..20]) + Udp + (uint)udp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return packet;
    }

    /// <summary>
    /// The payload of a packet; empty if it is cut off, a fragment, no UDP or for another port. The checksum is not looked at: a packet
    /// from this host's own server carries none yet when it gets here (checksum offload; veth never computes it).
    /// </summary>
    public static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> packet, ushort destinationPort)
    {
        if (packet.Length < IPHeaderSize || packet[0] >> 4 != 4 || packet[9] != Udp)
            return [];
        int header = (packet[0] & 0xf) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & MoreFragmentsAndOffset) != 0;
        if (header < IPHeaderSize || total > packet.Length || header + UdpHeaderSize > total || isFragment)
            return [];
        ReadOnlySpan<byte> udp = packet[header..total];
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[4..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(udp[2..]) != destinationPort || length < UdpHeaderSize || length > udp.Length)
            return [];
        return udp[UdpHeaderSize..length];
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    private static ushort Checksum(uint sum)
    {
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        sum += sum >> 16;
        return (ushort)~sum;
    }
}
