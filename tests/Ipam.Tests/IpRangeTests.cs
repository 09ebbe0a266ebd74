using Linux;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

public class IpRangeTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.1", "192.0.2.254", "192.0.2.1")]
    [InlineData("192.0.2.0/25", "192.0.2.1", "192.0.2.126", "192.0.2.1")]
    [InlineData("192.0.2.12/30", "192.0.2.13", "192.0.2.14", "192.0.2.13")]
    [InlineData("0.0.0.0/0", "0.0.0.1", "255.255.255.254", "0.0.0.1")]
    [InlineData("255.255.255.252/30", "255.255.255.253", "255.255.255.254", "255.255.255.253")]
    [InlineData("2001:db8:1::/64", "2001:db8:1::1", "2001:db8:1:0:ffff:ffff:ffff:ffff", "2001:db8:1::1")]
    [InlineData("2001:db8::4/126", "2001:db8::5", "2001:db8::7", "2001:db8::5")]
    [InlineData("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1")]
    public void Create_fills_in_what_is_left_out(string subnet, string start, string end, string gateway)
    {
        IpRange range = IpRange.Create(Prefix(subnet));
        Assert.Equal([start, end, gateway], new[] { range.Start, range.End, range.Gateway }.Select(IpText.Format));
    }

    [Theory]
    [InlineData("192.0.2.1/24", "subnet 192.0.2.1/24 has host bits set: write 192.0.2.0/24")]
    [InlineData("2001:db8:1::1/64", "subnet 2001:db8:1::1/64 has host bits set: write 2001:db8:1::/64")]
    [InlineData("192.0.2.0/31", "subnet 192.0.2.0/31 is too small: /30")]
    [InlineData("192.0.2.0/32", "subnet 192.0.2.0/32 is too small")]
    [InlineData("2001:db8::/127", "subnet 2001:db8::/127 is too small: /126")]
    [InlineData("2001:db8::/128", "is too small")]
    [InlineData("192.0.2.0/24=192.0.3.0-", "rangeStart 192.0.3.0 is not in subnet 192.0.2.0/24")]
    [InlineData("192.0.2.0/24=-192.0.4.0", "rangeEnd 192.0.4.0 is not in subnet 192.0.2.0/24")]
    [InlineData("192.0.2.0/24=192.0.2.50-192.0.2.40", "rangeStart 192.0.2.50 comes after rangeEnd 192.0.2.40")]
    [InlineData("192.0.2.0/24=2001:db8::1-", "rangeStart 2001:db8::1 is not in subnet")]
    [InlineData("192.0.2.0/24@2001:db8::1", "gateway 2001:db8::1 is not of the family")]
    public void Create_refuses_what_cannot_be_given(string text, string message)
    {
        IpamException error = Assert.Throws<IpamException>(() => Range(text));
        Assert.Equal(IpamErrorKind.InvalidRange, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_keeps_what_is_given()
    {
        IpRange range = Range("192.0.2.0/24=192.0.2.40-192.0.2.50@192.0.3.1");
        Assert.Equal("192.0.2.40-192.0.2.50", range.ToString());
        Assert.Equal("192.0.3.1", range.Gateway.ToString());
    }

    [Theory]
    [InlineData("192.0.2.0/24=192.0.2.40-192.0.2.50", "192.0.2.40 192.0.2.45 192.0.2.50", "192.0.2.39 192.0.2.51 192.0.3.45 ::ffff:1:2")]
    [InlineData("2001:db8:1::/64=2001:db8:1::40-2001:db8:1::50", "2001:db8:1::40 2001:db8:1::50", "2001:db8:1::39 2001:db8:1::51 2001:db8:2::45 192.0.2.45")]
    public void Contains_knows_its_ends(string text, string inside, string outside)
    {
        IpRange range = Range(text);
        Assert.All(inside.Split(' '), address => Assert.True(range.Contains(Ip(address)!), address));
        Assert.All(outside.Split(' '), address => Assert.False(range.Contains(Ip(address)!), address));
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24", true)]
    [InlineData("192.0.2.0/24", "192.0.4.0/24", false)]
    [InlineData("192.0.2.0/24", "192.0.2.0/24=192.0.2.20-192.0.2.50", true)]
    [InlineData("192.0.2.0/24=192.0.2.5-192.0.2.20", "192.0.2.0/24=192.0.2.30-192.0.2.40", false)]
    [InlineData("192.0.2.0/24=192.0.2.5-192.0.2.20", "192.0.2.0/24=192.0.2.20-192.0.2.30", true)]
    [InlineData("192.0.2.0/24", "2001:db8::/64", false)]
    public void Overlaps_is_symmetric(string one, string other, bool expected)
    {
        Assert.Equal(expected, Range(one).Overlaps(Range(other)));
        Assert.Equal(expected, Range(other).Overlaps(Range(one)));
    }
}
