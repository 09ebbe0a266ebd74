using System.Net;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Tests.Messages;

public sealed class DhcpMessageTests
{
    // Fields by RFC 2131, figure 1: op, htype, hlen, hops; xid; secs, flags; ciaddr; yiaddr; siaddr; giaddr; chaddr.
    private const string Head = "02010600" + "5d3c7a11" + "00000000" + "00000000" + "c0a80105" + "c0a80101" + "00000000" + "6a12f0339c05";

    private static byte[] Reply(params byte[] options)
    {
        byte[] head = new byte[240];
        Convert.FromHexString(Head).CopyTo(head, 0);
        byte[] cookie = [0x63, 0x82, 0x53, 0x63];
        cookie.CopyTo(head, 236);
        return [.. head, .. options];
    }

    [Fact]
    public void A_reply_is_read()
    {
        DhcpMessage message = DhcpMessage.TryParseReply(
            Reply(53, 1, 5, 54, 4, 192, 168, 1, 1, 51, 4, 0, 0, 0x0e, 0x10, 0, 0, 1, 4, 255, 255, 255, 0, 255, 9, 9))!;
        Assert.Equal(0x5d3c7a11u, message.TransactionId);
        Assert.Equal("192.168.1.5", message.YourAddress.ToString());
        Assert.Equal("6a:12:f0:33:9c:05", message.HardwareAddress.ToString());
        Assert.Equal(DhcpMessageType.Ack, message.Type);
        Assert.Equal("192.168.1.1", message.Server!.ToString());
        Assert.Equal(3600u, message.SecondsOf(DhcpOption.LeaseTime));
        Assert.Equal([1, 51, 53, 54], message.Options.Keys.Select(static code => (int)code));
    }

    [Fact]
    public void Parts_of_one_option_are_joined() =>
        Assert.Equal([1, 2, 3, 4], DhcpMessage.TryParseReply(Reply(121, 2, 1, 2, 53, 1, 2, 121, 2, 3, 4, 255))!.Options[121]);

    [Theory]
    [InlineData(1, new[] { 66 })]
    [InlineData(2, new[] { 67 })]
    [InlineData(3, new[] { 66, 67 })]
    public void Options_may_overflow_into_file_and_sname(byte overload, int[] found)
    {
        byte[] bytes = Reply(52, 1, overload, 255);
        new byte[] { 66, 1, 7, 255 }.CopyTo(bytes, 108);
        new byte[] { 67, 1, 8, 255 }.CopyTo(bytes, 44);
        Assert.Equal(
            found, DhcpMessage.TryParseReply(bytes)!.Options.Keys.Where(static code => code > 52).Select(static code => (int)code));
    }

    [Theory]
    [InlineData(53)]
    [InlineData(53, 4)]
    [InlineData(53, 4, 1, 2, 3)]
    [InlineData(53, 255, 1)]
    public void An_option_that_is_cut_off_spoils_the_message(params int[] options) =>
        Assert.Null(DhcpMessage.TryParseReply(Reply([.. options.Select(static value => (byte)value)])));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 6)]
    [InlineData(2, 16)]
    [InlineData(236, 0)]
    public void What_is_no_reply_over_Ethernet_is_refused(int offset, byte value)
    {
        byte[] bytes = Reply(53, 1, 5, 255);
        Assert.NotNull(DhcpMessage.TryParseReply(bytes));
        bytes[offset] = value;
        Assert.Null(DhcpMessage.TryParseReply(bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(255)]
    public void A_type_that_does_not_exist_is_none(byte type) => Assert.Null(DhcpMessage.TryParseReply(Reply(53, 1, type, 255))!.Type);

    [Fact]
    public void A_request_has_the_layout_of_RFC_2131()
    {
        byte[] bytes = new DhcpMessage
        {
            TransactionId = 0x01020304,
            Seconds = 7,
            Broadcast = true,
            ClientAddress = IPAddress.Parse("10.0.0.5"),
            HardwareAddress = new MacAddress([2, 0, 0, 0, 0, 9]),
            Options = new() { [53] = [1], [61] = [0, 0x61], [12] = [] },
        }.ToRequest();
        Assert.Equal(300, bytes.Length);
        Assert.Equal("0101060001020304000780000a000005", Convert.ToHexStringLower(bytes[..16]));
        Assert.Equal("020000000009", Convert.ToHexStringLower(bytes[28..34]));
        Assert.Equal("638253630c003501013d020061ff00", Convert.ToHexStringLower(bytes[236..251]));
    }

    [Fact]
    public void A_long_value_is_written_in_parts()
    {
        byte[] value = [.. Enumerable.Range(0, 300).Select(static i => (byte)i)];
        DhcpMessage message = new() { TransactionId = 1, HardwareAddress = default, Options = new() { [121] = value } };
        Assert.Equal(value, DhcpMessage.TryParseReply(message.ToReply())!.Options[121]);
    }

    [Fact]
    public void Whatever_arrives_is_read_or_refused()
    {
        Random random = new(1);
        int read = 0, refused = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] options = new byte[random.Next(120)];
            random.NextBytes(options);
            // Lengths that often fit, codes that mean something.
            for (int at = 0; at + 1 < options.Length; at += 2 + options[at + 1])
            {
                options[at] = (byte)(
                    random.Next(4) == 0 ? random.Next(256)
                        : (byte[])[1, 3, 6, 15, 33, 51, 52, 53, 54, 58, 59, 119, 121] is var codes ? codes[random.Next(codes.Length)]
                        : 0);
                options[at + 1] = (byte)random.Next(random.Next(8) == 0 ? 256 : 12);
            }
            byte[] bytes = Reply(options);
            random.NextBytes(bytes.AsSpan(44, 192));
            if (
                DhcpMessage.TryParseReply(
                    bytes.AsSpan(0, random.Next(8) == 0 ? random.Next(bytes.Length) : bytes.Length)) is not { } message)
            {
                refused++;
                continue;
            }
            read++;
            if (Lease4.TryRead(message, default, TimeSpan.Zero, out _) is { } lease)
            {
                _ = lease.Routes(7);
                _ = (lease.Gateway, lease.NameServers, lease.Domain, lease.Search);
                Assert.True(lease.Times.Renew <= lease.Times.Rebind && lease.Times.Rebind <= lease.Times.Expiry);
            }
        }
        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }
}
