using Agent.Overlay;
using Linux.Addresses;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class VtepAddressesTests
{
    // Written down, since nodes of two versions must agree: printf 'test\0node1' | sha512sum
    [Theory]
    [InlineData("test", "node1", "6e:eb:62:0e:a2:d8")]
    [InlineData("test", "node2", "de:53:5b:85:99:81")]
    public void The_MAC_address_follows_from_the_names(string cluster, string node, string mac)
    {
        Assert.Equal(TestCall.Mac(mac), VtepAddresses.MacOf(cluster, node));
        Assert.True(VtepAddresses.MacOf(cluster, node).IsUnicast);
    }

    [Fact]
    public void Names_are_told_apart_by_where_they_end() =>
        Assert.NotEqual(VtepAddresses.MacOf("a", "bc"), VtepAddresses.MacOf("ab", "c"));

    [Theory]
    [InlineData("02:11:22:33:44:55", "fe80::11:22ff:fe33:4455")]
    [InlineData("6e:eb:62:0e:a2:d8", "fe80::6ceb:62ff:fe0e:a2d8")]
    public void The_link_local_address_is_the_one_that_the_kernel_makes(string mac, string address) =>
        Assert.Equal(address, IpText.Format(VtepAddresses.LinkLocalOf(TestCall.Mac(mac))));
}
