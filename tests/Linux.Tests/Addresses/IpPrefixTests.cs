using System.Net;
using Linux.Addresses;

namespace Linux.Tests.Addresses;

/// <summary>What Go's net.ParseCIDR does with the same texts.</summary>
public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("10.1.2.3/24", "10.1.2.3/24", "10.1.2.0", "10.1.2.255")]
    [InlineData("10.1.2.3/0", "10.1.2.3/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("10.1.2.3/31", "10.1.2.3/31", "10.1.2.2", "10.1.2.3")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32", "10.1.2.3", "10.1.2.3")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("FD00::1/64", "fd00::1/64", "fd00::", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("fd00::1/0", "fd00::1/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::1/128", "fd00::1/128", "fd00::1", "fd00::1")]
    [InlineData("fd00::1/127", "fd00::1/127", "fd00::", "fd00::1")]
    [InlineData("::ffff:10.0.0.1/120", "10.0.0.1/24", "10.0.0.0", "10.0.0.255")]
    public void Parse_keeps_host_bits(string text, string canonical, string network, string broadcast)
    {
        Assert.True(IpPrefix.TryParse(text, out IpPrefix prefix));
        Assert.Equal(canonical, prefix.ToString());
        Assert.Equal((network, broadcast), (IpText.Format(prefix.Network), IpText.Format(prefix.Broadcast)));
        Assert.Equal(prefix.Address.Equals(prefix.Network), prefix.IsMasked);
        Assert.True(prefix.Masked.IsMasked);
        Assert.True(prefix.Contains(prefix.Network) && prefix.Contains(prefix.Broadcast));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10.1.2.3")]
    [InlineData("10.1.2.3/")]
    [InlineData("/24")]
    [InlineData("10.1.2.3/33")]
    [InlineData("10.1.2.3/-1")]
    [InlineData("10.1.2.3/+1")]
    [InlineData("10.1.2.3/ 24")]
    [InlineData("10.1.2.3/24 ")]
    [InlineData("10.1.2.3/24/24")]
    [InlineData("10.1.2.3/024")]
    [InlineData("10.1.2.3/255.255.255.0")]
    [InlineData("10.1.2/24")]
    [InlineData("fd00::1/129")]
    [InlineData("fd00::1/1280")]
    [InlineData("fd00::1%eth0/64")]
    [InlineData("::ffff:10.0.0.1/95")]
    public void What_is_no_prefix(string? text) => Assert.False(IpPrefix.TryParse(text, out _));

    [Theory]
    [InlineData("10.1.2.0/24", "10.1.1.255", false)]
    [InlineData("10.1.2.0/24", "10.1.3.0", false)]
    [InlineData("10.1.2.0/24", "10.1.2.128", true)]
    [InlineData("10.1.2.3/32", "10.1.2.3", true)]
    [InlineData("10.1.2.3/32", "10.1.2.2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("fd00::/64", "fd00::ffff:0:0:1", true)]
    [InlineData("fd00::/64", "fd00:0:0:1::", false)]
    public void Contains_only_addresses_of_its_family_and_network(string prefix, string address, bool expected)
    {
        Assert.True(IpPrefix.TryParse(prefix, out IpPrefix parsed));
        Assert.Equal(expected, parsed.Contains(IPAddress.Parse(address)));
    }

    [Fact]
    public void A_host_prefix_holds_one_address()
    {
        Assert.Equal("10.1.2.3/32", IpPrefix.Host(IPAddress.Parse("10.1.2.3")).ToString());
        Assert.Equal("fd00::1/128", IpPrefix.Host(IPAddress.Parse("fd00::1")).ToString());
    }

    [Fact]
    public void Equal_prefixes_are_equal()
    {
        Assert.True(IpPrefix.TryParse("fd00:0::1/64", out IpPrefix first));
        Assert.True(IpPrefix.TryParse("fd00::1/64", out IpPrefix second));
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }
}
