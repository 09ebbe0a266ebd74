using Linux.Addresses;

namespace Linux.Tests.Addresses;

/// <summary>What Go's net.ParseMAC does with the same texts, if 6 bytes come out.</summary>
public sealed class MacAddressTests
{
    [Theory]
    [InlineData("00:00:5e:00:53:01", "00:00:5e:00:53:01")]
    [InlineData("AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff")]
    [InlineData("aa-bb-cc-dd-ee-ff", "aa:bb:cc:dd:ee:ff")]
    [InlineData("aabb.ccdd.EEFF", "aa:bb:cc:dd:ee:ff")]
    public void What_is_an_address_has_one_text(string text, string canonical)
    {
        Assert.True(MacAddress.TryParse(text, out MacAddress address));
        Assert.Equal(canonical, address.ToString());
        byte[] octets = new byte[MacAddress.Size];
        address.CopyTo(octets);
        Assert.Equal(canonical.Replace(":", "", StringComparison.Ordinal), Convert.ToHexStringLower(octets));
        Assert.Equal(address, new MacAddress(octets));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("aabbccddeeff")]
    [InlineData("aa:bb:cc:dd:ee")]
    [InlineData("aa:bb:cc:dd:ee:ff:00")]
    [InlineData("aa:bb:cc:dd:ee:ff:00:11")]
    [InlineData("aa:bb:cc:dd:ee:f")]
    [InlineData("aa:bb:cc:dd:ee:fg")]
    [InlineData("aa:bb-cc:dd-ee:ff")]
    [InlineData("aa:bb:cc:dd:ee:ff ")]
    [InlineData(" aa:bb:cc:dd:ee:ff")]
    [InlineData("aa:bb:cc:dd:ee: f")]
    [InlineData("aa.bb.cc.dd.ee.ff")]
    [InlineData("aabb:ccdd:eeff")]
    [InlineData("aabb.ccdd-eeff")]
    [InlineData("0x:bb:cc:dd:ee:ff")]
    [InlineData("aa:bb:cc:dd:ee:+f")]
    public void What_is_no_address(string? text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void Random_addresses_are_unicast_and_locally_administered()
    {
        byte[] octets = new byte[MacAddress.Size];
        for (int i = 0; i < 1000; i++)
        {
            MacAddress address = MacAddress.Random();
            address.CopyTo(octets);
            Assert.Equal(2, octets[0] & 3);
            Assert.True(address.IsUnicast);
        }
        Assert.NotEqual(MacAddress.Random(), MacAddress.Random());
    }

    [Theory]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false)]
    [InlineData("00:00:00:00:00:01", true)]
    public void Group_addresses_and_zero_are_not_unicast(string text, bool expected)
    {
        Assert.True(MacAddress.TryParse(text, out MacAddress address));
        Assert.Equal(expected, address.IsUnicast);
    }

    [Fact]
    public void Only_six_octets_make_an_address()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MacAddress([1, 2, 3, 4, 5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MacAddress([1, 2, 3, 4, 5, 6, 7]));
    }
}
