using System.Net;
using Linux.Addresses;

namespace Linux.Tests.Addresses;

/// <summary>What Go 1.22's net.ParseIP and IP.String do with the same texts.</summary>
public sealed class IpTextTests
{
    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("2001:DB8::1", "2001:db8::1")]
    [InlineData("2001:0db8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("fe80:0:0:1::", "fe80:0:0:1::")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("1:0:0:2:3:0:0:4", "1::2:3:0:0:4")]
    [InlineData("1:2:3:4:5:6:0:8", "1:2:3:4:5:6:0:8")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:a00:1", "10.0.0.1")]
    [InlineData("::10.0.0.1", "::a00:1")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    [InlineData("2001:db8::0:5efe:a00:1", "2001:db8::5efe:a00:1")]
    public void What_is_an_address_has_one_text(string text, string canonical)
    {
        Assert.True(IpText.TryParse(text, out IPAddress address));
        Assert.Equal(canonical, IpText.Format(address));
        Assert.True(IpText.TryParse(canonical, out IPAddress again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.1.2")]
    [InlineData("10.0.0.")]
    [InlineData(".10.0.0")]
    [InlineData("10..0.1")]
    [InlineData("10.0.0.01")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.-1")]
    [InlineData("10.0.0.+1")]
    [InlineData("10.0.0.1000")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("167772161")]
    [InlineData("10.0.0.1/24")]
    [InlineData("١٠.0.0.1")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("::12345")]
    [InlineData("::g")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%")]
    [InlineData("[::1]")]
    [InlineData("::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::ffff:10.0.0.01")]
    [InlineData("::ffff:10.0.0")]
    [InlineData("::10.0.0.1:1")]
    [InlineData("1:2:3:4:5:6:7:10.0.0.1")]
    [InlineData("2001:db8::1 ")]
    [InlineData("2001:db8::1\n")]
    [InlineData("::1/64")]
    public void What_is_no_address(string? text) => Assert.False(IpText.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.1", IpFamily.IPv4)]
    [InlineData("fd00::1", IpFamily.IPv6)]
    public void An_address_is_a_number_and_back(string text, IpFamily family)
    {
        IPAddress address = IPAddress.Parse(text);
        Assert.Equal((family, family == IpFamily.IPv6), (address.Family, address.IsIPv6));
        Assert.Equal(address, IpText.FromUInt128(address.ToUInt128(), family));
        Assert.Equal((UInt128)1, address.ToUInt128() & 0xff);
    }
}
