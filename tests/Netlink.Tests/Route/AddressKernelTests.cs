using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Netlink.Tests.Route;

public sealed class AddressKernelTests : KernelTest
{
    private readonly int _link;

    public AddressKernelTests()
    {
        Client.CreateLink(new VethSpec { Name = "a", Index = 100, Up = true, Peer = new VethPeer { Name = "b" } });
        _link = 100;
    }

    [Fact]
    public void An_IPv4_address_keeps_all_that_it_was_given()
    {
        Client.AddAddress(_link, new AddressSpec
        {
            Address = Prefix("10.1.2.3/24"),
            Broadcast = IPAddress.Parse("10.1.2.255"),
            Scope = RouteScope.Link,
            Label = "a:pod",
        });
        InterfaceAddress address = Assert.Single(Client.ListAddresses(_link));
        Assert.Equal(
            new InterfaceAddress
            {
                LinkIndex = _link,
                Address = Prefix("10.1.2.3/24"),
                Broadcast = IPAddress.Parse("10.1.2.255"),
                Scope = RouteScope.Link,
                Label = "a:pod",
                Flags = AddressFlags.Permanent,
            },
            address);
    }

    [Fact]
    public void Without_a_broadcast_address_there_is_none()
    {
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("10.1.2.3/24") });
        Assert.Null(Assert.Single(Client.ListAddresses(_link)).Broadcast);
    }

    [Fact]
    public void An_IPv6_address_with_nodad_is_usable_at_once()
    {
        Client.SetLink(Client.FindLink("b")!.Index, new LinkChange { Up = true });
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("fd00::1/64"), NoDad = true });
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("fd00::2/64") });
        List<InterfaceAddress> addresses = Client.ListAddresses(_link, IpFamily.IPv6);
        Assert.False(addresses.Single(a => a.Address == Prefix("fd00::1/64")).IsTentative);
        Assert.True(addresses.Single(a => a.Address == Prefix("fd00::2/64")).IsTentative);
    }

    [Theory]
    [InlineData("10.1.2.3/24")]
    [InlineData("fd00::1/64")]
    public void Without_a_prefix_route_there_is_none(string text)
    {
        IpPrefix prefix = Prefix(text);
        Client.SetLink(Client.FindLink("b")!.Index, new LinkChange { Up = true });
        Client.AddAddress(_link, new AddressSpec { Address = prefix, NoDad = prefix.IsIPv6, NoPrefixRoute = true });
        InterfaceAddress address = Assert.Single(Client.ListAddresses(_link), candidate => candidate.Address == prefix);
        Assert.True(address.Flags.HasFlag(AddressFlags.NoPrefixRoute));
        Assert.Empty(Client.ListRoutes(new RouteFilter { Destination = prefix.Masked, Table = RouteTable.Main }));
    }

    [Fact]
    public void The_same_address_again_is_EEXIST()
    {
        AddressSpec spec = new() { Address = Prefix("10.1.2.3/24") };
        Client.AddAddress(_link, spec);
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.AddAddress(_link, spec));
        Assert.Equal((Errno.EEXIST, "add address 10.1.2.3/24 to link 100"), (refusal.Errno, refusal.Operation));
        Client.AddAddress(_link, spec, tolerate: Errno.EEXIST);
    }

    [Fact]
    public void An_address_is_deleted_once()
    {
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("10.1.2.3/24") });
        Client.DeleteAddress(_link, Prefix("10.1.2.3/24"));
        Assert.Empty(Client.ListAddresses(_link, IpFamily.IPv4));
        Assert.Equal(
            Errno.EADDRNOTAVAIL,
            Assert.Throws<NetlinkException>(() => Client.DeleteAddress(_link, Prefix("10.1.2.3/24"))).Errno);
        Client.DeleteAddress(_link, Prefix("10.1.2.3/24"), tolerate: Errno.EADDRNOTAVAIL);
    }

    [Fact]
    public void Addresses_are_listed_by_link_and_family()
    {
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("10.1.2.3/24") });
        Client.AddAddress(_link, new AddressSpec { Address = Prefix("fd00::1/64"), NoDad = true });
        Client.AddAddress(1, new AddressSpec { Address = Prefix("10.9.9.9/32") });
        Assert.Equal(["10.1.2.3/24", "fd00::1/64"], Texts(_link, null));
        Assert.Equal(["10.1.2.3/24"], Texts(_link, IpFamily.IPv4));
        Assert.Equal(["10.1.2.3/24", "10.9.9.9/32"], Texts(null, IpFamily.IPv4));
        Assert.Empty(Client.ListAddresses(4711));
    }

    [Fact]
    public void An_address_for_a_link_that_does_not_exist_is_ENODEV() => Assert.Equal(
        Errno.ENODEV,
        Assert.Throws<NetlinkException>(() => Client.AddAddress(4711, new AddressSpec { Address = Prefix("10.1.2.3/24") })).Errno);

    [Fact]
    public void A_thousand_addresses_fit_one_batch()
    {
        RouteBatch batch = new();
        for (int i = 0; i < 1000; i++)
            batch.AddAddress(_link, new AddressSpec { Address = Prefix($"10.{i / 250}.{i % 250}.1/24") });
        Client.Execute(batch);
        Assert.Equal(1000, Client.ListAddresses(_link, IpFamily.IPv4).Count);
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private IEnumerable<string> Texts(int? link, IpFamily? family) => Client.ListAddresses(link, family)
        .Select(address => address.Address.ToString()).Order(StringComparer.Ordinal);
}
