using Linux.Addresses;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Addresses that a caller asks for.</summary>
public class RequestedAddressTests
{
    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.88", "10.0.0.88/24")]
    [InlineData("10.0.0.0/24", "10.0.0.88 10.0.0.88", "10.0.0.88/24")]
    [InlineData("10.0.0.0/24 10.1.0.0/24", "10.1.0.88", "10.0.0.2/24 10.1.0.88/24")]
    [InlineData("10.0.0.0/24 10.1.0.0/24", "10.1.0.88 10.0.0.77", "10.0.0.77/24 10.1.0.88/24")]
    [InlineData("10.0.0.0/24 2001:db8:1::/64", "2001:db8:1::abcd 10.0.0.77", "10.0.0.77/24 2001:db8:1::abcd/64")]
    public void Requested_addresses_come_from_their_sets(string sets, string requested, string expected)
    {
        using TestNetwork network = new();
        Assert.Equal(expected, network.Add("a", sets, requested.Split(' ')));
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                network.Store.Find(Key("a"))!.Addresses.Zip(expected.Split(' '))
                    .Select(pair => IpText.Format(pair.First.Address) + "/" + pair.Second.Split('/')[1])));
    }

    [Theory]
    [InlineData("10.0.0.0/24=10.0.0.1-10.0.0.10", "10.0.0.11", IpamErrorKind.AddressNotInRange)]
    [InlineData("10.0.0.0/24=10.0.0.5-10.0.0.10", "10.0.0.4", IpamErrorKind.AddressNotInRange)]
    [InlineData("10.0.0.0/24", "10.0.0.5 10.1.0.5", IpamErrorKind.AddressNotInRange)]
    [InlineData("10.0.0.0/24", "2001:db8::5", IpamErrorKind.AddressNotInRange)]
    [InlineData("10.0.0.0/24", "10.0.0.1", IpamErrorKind.AddressIsGateway)]
    [InlineData("10.0.0.0/24", "10.0.0.5 10.0.0.6", IpamErrorKind.InvalidRequest)]
    public void Requested_addresses_that_cannot_be_given_are_refused_by_name(string sets, string requested, IpamErrorKind kind)
    {
        using TestNetwork network = new();
        IpamException error = Assert.Throws<IpamException>(() => network.Add("a", sets, requested.Split(' ')));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(requested.Split(' ')[^1], error.Message, StringComparison.Ordinal);
        Assert.Equal(requested.Split(' ')[^1], IpText.Format(error.Address!));
        Assert.Empty(network.Store.List());
    }

    [Fact]
    public void Requested_address_of_the_living_is_refused_and_of_the_dead_taken_over()
    {
        using TestNetwork network = new();
        _ = network.Add("a", "10.0.0.0/24 10.1.0.0/24", "10.0.0.88");
        IpamException error = Assert.Throws<IpamException>(() => network.Add("b", "10.0.0.0/24", "10.0.0.88"));
        Assert.Equal(IpamErrorKind.AddressTaken, error.Kind);
        Assert.Equal(Key("a"), error.Holder);
        Assert.Contains("10.0.0.88 is not available: a eth0 holds it", error.Message, StringComparison.Ordinal);
        network.Evidence.Known[Key("a")] = Liveness.Dead;
        Assert.Equal("10.0.0.88/24", network.Add("b", "10.0.0.0/24", "10.0.0.88"));
        Assert.Equal([Key("a")], network.Evidence.Reclaimed);
        Assert.Null(network.Store.Find(Key("a")));
        Assert.Empty(network.Store.Verify());
    }
}
