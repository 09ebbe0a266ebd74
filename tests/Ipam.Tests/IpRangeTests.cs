using Linux.Addresses;
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
        IpRange range = IpRange.Create(Prefix(subnet)).Single();
        Assert.Equal([start, end, gateway], new[] { range.Start, range.End, range.Gateway! }.Select(IpText.Format));
    }

    [Theory]
    [InlineData("192.0.2.1/24", "subnet 192.0.2.1/24 has host bits set: write 192.0.2.0/24")]
    [InlineData("2001:db8:1::1/64", "subnet 2001:db8:1::1/64 has host bits set: write 2001:db8:1::/64")]
    [InlineData("192.0.2.0/24!192.0.3.0/25", "exclude 192.0.3.0/25 is not in subnet 192.0.2.0/24")]
    [InlineData("192.0.2.0/24!192.0.2.0/23", "exclude 192.0.2.0/23 is not in subnet 192.0.2.0/24")]
    [InlineData("192.0.2.0/24!2001:db8::1/128", "exclude 2001:db8::1/128 is not in subnet 192.0.2.0/24")]
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
        Assert.Equal("192.0.3.1", range.Gateway!.ToString());
    }

    [Theory]
    [InlineData("192.0.2.0/24=192.0.2.0-192.0.2.255", "192.0.2.1-192.0.2.254")]
    [InlineData("192.0.2.0/24=192.0.2.0-192.0.2.0", "")]
    [InlineData("192.0.2.0/24=192.0.2.255-192.0.2.255", "")]
    [InlineData("0.0.0.0/0=0.0.0.0-255.255.255.255", "0.0.0.1-255.255.255.254")]
    [InlineData("2001:db8::/64=2001:db8::-2001:db8::9", "2001:db8::1-2001:db8::9")]
    [InlineData("2001:db8::/126=2001:db8::3-2001:db8::3", "2001:db8::3-2001:db8::3")]
    [InlineData("192.0.2.0/24!192.0.2.1/32", "192.0.2.2-192.0.2.254")]
    [InlineData("192.0.2.0/24!192.0.2.100/30!192.0.2.9/32", "192.0.2.1-192.0.2.8,192.0.2.10-192.0.2.99,192.0.2.104-192.0.2.254")]
    [InlineData("192.0.2.0/24=192.0.2.10-192.0.2.20!192.0.2.16/28!192.0.2.0/29", "192.0.2.10-192.0.2.15")]
    [InlineData("192.0.2.0/24!192.0.2.0/24", "")]
    [InlineData("::/0!8000::/1", "::1-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::/0!::/1", "8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Network_broadcast_and_excluded_addresses_are_in_no_run(string text, string runs) =>
        Assert.Equal(runs, string.Join(',', Ranges(text)));

    [Theory]
    [InlineData("192.0.2.0/31", "192.0.2.0-192.0.2.1")]
    [InlineData("192.0.2.7/32", "192.0.2.7-192.0.2.7")]
    [InlineData("255.255.255.255/32", "255.255.255.255-255.255.255.255")]
    [InlineData("2001:db8::/127", "2001:db8::-2001:db8::1")]
    [InlineData("2001:db8::9/128", "2001:db8::9-2001:db8::9")]
    public void Smallest_subnets_are_all_addresses_and_have_no_gateway_of_their_own(string text, string run)
    {
        IpRange range = Range(text);
        Assert.Equal(run, range.ToString());
        Assert.Null(range.Gateway);
    }

    [Fact]
    public void Gateway_of_a_smallest_subnet_is_the_one_that_is_configured()
    {
        Assert.Equal("192.0.2.1", IpText.Format(Range("192.0.2.0/31@192.0.2.1").Gateway!));
        Assert.Equal(1, (int)Sets("192.0.2.0/31@192.0.2.1")[0].Capacity);
    }

    [Theory]
    [InlineData("192.0.2.0/24=192.0.2.40-192.0.2.50", "192.0.2.40 192.0.2.45 192.0.2.50", "192.0.2.39 192.0.2.51 192.0.3.45 ::ffff:1:2")]
    [InlineData(
        "2001:db8:1::/64=2001:db8:1::40-2001:db8:1::50",
        "2001:db8:1::40 2001:db8:1::50",
        "2001:db8:1::39 2001:db8:1::51 2001:db8:2::45 192.0.2.45")]
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
