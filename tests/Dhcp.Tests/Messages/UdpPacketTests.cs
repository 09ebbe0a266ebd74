using System.Net;
using Dhcp.Messages;

namespace Dhcp.Tests.Messages;

public sealed class UdpPacketTests
{
    private static byte[] Packet(ReadOnlySpan<byte> payload) =>
        UdpPacket.Write(IPAddress.Parse("192.168.1.1"), 67, IPAddress.Parse("192.168.1.5"), 68, payload);

    [Fact]
    public void Headers_are_those_of_RFC_791_and_768()
    {
        // Put together by hand with Python's struct and socket modules, checksums by RFC 1071.
        Assert.Equal("4500001f000040004011b777c0a80101c0a8010500430044000bb797616263", Convert.ToHexStringLower(Packet("abc"u8)));
        Assert.Equal("abc"u8.ToArray(), UdpPacket.Payload(Packet("abc"u8), 68).ToArray());
    }

    [Fact]
    public void What_the_link_has_padded_is_cut() =>
        Assert.Equal("ab"u8.ToArray(), UdpPacket.Payload([.. Packet("ab"u8), 0, 0, 0], 68).ToArray());

    [Theory]
    [InlineData(0, 0x60)]
    [InlineData(0, 0x44)]
    [InlineData(0, 0x4f)]
    [InlineData(2, 0xff)]
    [InlineData(6, 0x20)]
    [InlineData(7, 0x01)]
    [InlineData(9, 6)]
    [InlineData(23, 67)]
    [InlineData(25, 7)]
    [InlineData(24, 1)]
    public void Other_packets_are_none(int offset, byte value)
    {
        byte[] packet = Packet("abc"u8);
        packet[offset] = value;
        Assert.True(UdpPacket.Payload(packet, 68).IsEmpty);
    }

    [Fact]
    public void Cut_off_packets_are_none()
    {
        byte[] packet = Packet("abc"u8);
        for (int length = 0; length < packet.Length; length++)
            Assert.True(UdpPacket.Payload(packet.AsSpan(0, length), 68).IsEmpty);
    }
}
