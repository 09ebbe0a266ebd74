using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

public class RangeSetTests
{
    [Fact]
    public void Contains_asks_every_range()
    {
        RangeSet set = Sets("192.168.0.0/24,172.16.1.0/24")[0];
        Assert.True(set.Contains(Ip("192.168.0.55")!));
        Assert.True(set.Contains(Ip("172.16.1.9")!));
        Assert.False(set.Contains(Ip("10.0.0.5")!));
        Assert.Equal("172.16.1.0/24", set.Find(Ip("172.16.1.9")!)!.Subnet.ToString());
    }

    [Theory]
    [InlineData(
        "192.168.0.0/20,192.168.2.0/24", "ranges 192.168.0.1-192.168.15.254 and 192.168.2.1-192.168.2.254 of one range set overlap")]
    [InlineData("192.168.0.0/24,2001:db8::/64", "different families")]
    public void Set_refuses_ranges_that_do_not_go_together(string text, string message)
    {
        IpamException error = Assert.Throws<IpamException>(() => Sets(text));
        Assert.Equal(IpamErrorKind.InvalidRange, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_needs_a_range() =>
        Assert.Equal(IpamErrorKind.InvalidRange, Assert.Throws<IpamException>(() => new RangeSet()).Kind);

    [Fact]
    public void Sets_that_share_addresses_are_refused()
    {
        IpamException error = Assert.Throws<IpamException>(() => RangeSet.RequireDisjoint(Sets("192.168.0.0/20 192.168.2.0/24")));
        Assert.Equal(IpamErrorKind.InvalidRange, error.Kind);
        Assert.Contains(
            "range 192.168.0.1-192.168.15.254 of range set 0 and range 192.168.2.1-192.168.2.254 of range set 1 overlap",
            error.Message,
            StringComparison.Ordinal);
        RangeSet.RequireDisjoint(Sets("192.168.0.0/24=192.168.0.2-192.168.0.9 192.168.0.0/24=192.168.0.10-192.168.0.20 2001:db8::/64"));
    }

    [Theory]
    [InlineData("10.0.0.0/30", "1")]
    [InlineData("10.0.0.0/24", "253")]
    [InlineData("10.0.0.0/24@10.0.1.1", "254")]
    [InlineData("10.0.0.0/24=10.0.0.2-10.0.0.9,10.0.0.0/24=10.0.0.12-10.0.0.19@10.0.0.5", "15")]
    [InlineData("10.0.0.0/16", "65533")]
    [InlineData("2001:db8::/64", "18446744073709551614")]
    [InlineData("::/0=::-", "340282366920938463463374607431768211454")]
    public void Capacity_leaves_out_gateways(string text, string expected) =>
        Assert.Equal(UInt128.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Sets(text)[0].Capacity);
}
