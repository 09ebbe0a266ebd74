using Cni;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Tests.Messages;

public sealed class OptionTests
{
    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static string Text(IEnumerable<CniRoute>? routes) => routes is null ? "malformed" : string.Join(
        ", ",
        routes.Select(static route =>
            $"{route.Destination}{(route.Gateway is { } gateway ? $" via {IpText.Format(gateway)}" : "")}"
            + $"{(route.Scope is { } scope ? $" scope {scope}" : "")}"));

    [Theory]
    // The examples of RFC 3442.
    [InlineData("00 0a000001", "0.0.0.0/0 via 10.0.0.1")]
    [InlineData("08 0a 0a000001", "10.0.0.0/8 via 10.0.0.1")]
    [InlineData("18 0a0000 0a000001", "10.0.0.0/24 via 10.0.0.1")]
    [InlineData("10 0a11 0a000001", "10.17.0.0/16 via 10.0.0.1")]
    [InlineData("19 0a018080 0a000001", "10.1.128.128/25 via 10.0.0.1")]
    [InlineData("20 0a018081 0a000001 00 0a000002", "10.1.128.129/32 via 10.0.0.1, 0.0.0.0/0 via 10.0.0.2")]
    [InlineData("18 c0a801 00000000", "192.168.1.0/24 scope 253")]
    [InlineData("09 0aff 0a000001", "10.128.0.0/9 via 10.0.0.1")]
    [InlineData("", "")]
    [InlineData("21 0a018080aa 0a000001", "malformed")]
    [InlineData("18 0a0000 0a0000", "malformed")]
    [InlineData("08", "malformed")]
    public void Classless_routes(string value, string expected) => Assert.Equal(expected, Text(RouteOptions.ReadClassless(Hex(value))));

    [Theory]
    [InlineData("0a000000 0a010203 c0a80100 0a000001", "10.0.0.0/8 via 10.1.2.3, 192.168.1.0/24 via 10.0.0.1")]
    [InlineData("ac100500 0a000001", "172.16.0.0/16 via 10.0.0.1")]
    [InlineData("00000000 0a000001 e0000001 0a000001", "")]
    [InlineData("0a000000 0a0102", "")]
    public void Classful_routes(string value, string expected) => Assert.Equal(expected, Text(RouteOptions.ReadClassful(Hex(value))));

    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("example.org.", "example.org")]
    [InlineData("example.org\0", "example.org")]
    [InlineData("a_b-1", "a_b-1")]
    [InlineData("a\nnameserver 192.0.2.1", null)]
    [InlineData("a b", null)]
    [InlineData("a..b", null)]
    [InlineData("\0", null)]
    [InlineData("é", null)]
    public void A_domain_is_a_name_and_nothing_else(string value, string? expected) =>
        Assert.Equal(expected, DomainNames.ReadText(System.Text.Encoding.Latin1.GetBytes(value)));

    [Theory]
    // The example of RFC 3397: eng.apple.com. and marketing.apple.com., the latter by a pointer.
    [InlineData("03656e67 056170706c65 03636f6d 00 096d61726b6574696e67 c004", "eng.apple.com marketing.apple.com")]
    [InlineData("0161 00 00 0162 00", "a b")]
    [InlineData("0161", "")]
    [InlineData("0161 00 05", "a")]
    [InlineData("c000", "")]
    [InlineData("0161 c000", "")]
    [InlineData("0161 c002", "")]
    [InlineData("0161 c0", "")]
    [InlineData("0161 00 020a62 00", "a")]
    [InlineData("40 00", "")]
    public void Search_lists(string value, string expected) => Assert.Equal(expected, string.Join(' ', DomainNames.ReadList(Hex(value))));

    [Fact]
    public void Hostile_names_end_and_stay_short()
    {
        Random random = new(3);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] value = new byte[random.Next(300)];
            random.NextBytes(value);
            for (int at = 0; at < value.Length; at += 1 + random.Next(5))
                value[at] = (byte)(random.Next(3) == 0 ? 0xc0 : random.Next(5));
            Assert.All(DomainNames.ReadList(value), static name => Assert.InRange(name.Length, 1, 253));
        }
    }

    [Theory]
    [InlineData(3600, null, null, "1800 3060 3600")]
    [InlineData(3600, 100u, 200u, "100 200 3600")]
    [InlineData(3600, 300u, 200u, "200 200 3600")]
    [InlineData(3600, 100u, 3600u, "100 3060 3600")]
    [InlineData(3600, 0u, 0u, "1800 3060 3600")]
    [InlineData(0, null, null, "2 3.4 4")]
    public void Times_make_sense_whatever_the_server_says(uint lease, uint? renew, uint? rebind, string expected)
    {
        LeaseTimes times = LeaseTimes.From(TimeSpan.Zero, lease, renew, rebind, (0.5, 0.85));
        Assert.Equal(
            expected, FormattableString.Invariant($"{times.Renew.TotalSeconds} {times.Rebind.TotalSeconds} {times.Expiry.TotalSeconds}"));
    }

    [Fact]
    public void DHCPv6_options_are_read_or_refused()
    {
        Random random = new(5);
        int read = 0, refused = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] bytes = new byte[random.Next(160)];
            random.NextBytes(bytes);
            for (int at = 4; at + 3 < bytes.Length; at += 4 + bytes[at + 3])
            {
                (bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]) = (
                    0, (byte)((byte[])[1, 2, 3, 5, 13, 23, 24])[random.Next(7)], 0, (byte)random.Next(60));
            }
            if (Dhcp6Message.TryParse(bytes) is not { } message)
            {
                refused++;
                continue;
            }
            read++;
            Assert.Equal(bytes, message.ToBytes());
            if (Lease6.TryRead(message, 1, TimeSpan.Zero) is { } lease)
                _ = (lease.NameServers, lease.Search);
        }
        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Theory]
    // IAID 1, T1 60, T2 90, IAADDR fd00::5 with preferred 100 and valid 200.
    [InlineData("00000001 0000003c 0000005a 0005 0018 fd000000000000000000000000000005 00000064 000000c8", "fd00::5")]
    [InlineData("00000002 0000003c 0000005a 0005 0018 fd000000000000000000000000000005 00000064 000000c8", null)]
    [InlineData("00000001 0000003c 0000005a 0005 0018 fd000000000000000000000000000005 000000c9 000000c8", null)]
    [InlineData("00000001 0000005b 0000005a 0005 0018 fd000000000000000000000000000005 00000064 000000c8", null)]
    [InlineData("00000001 0000003c 0000005a 000d 0002 0002", null)]
    [InlineData("00000001 0000003c 0000005a 0005 0017 fd000000000000000000000000000005 00000064 0000c8", null)]
    [InlineData("00000001 0000003c", null)]
    public void An_identity_association(string value, string? expected) =>
        Assert.Equal(expected, IdentityAssociation.TryRead(Hex(value), 1) is { } found ? IpText.Format(found.Address) : null);
}
