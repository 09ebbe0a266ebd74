using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Netlink.Tests.Route;

public sealed class RouteKernelTests : KernelTest
{
    private const int Near = 100;
    private const int Far = 200;

    private static readonly RouteFilter Main = new() { Table = RouteTable.Main };

    public RouteKernelTests()
    {
        RouteBatch batch = new();
        batch.CreateLink(new VethSpec { Name = "a", Index = Near, Up = true, Peer = new VethPeer { Name = "b", Index = Far } });
        batch.SetLink(Far, new LinkChange { Up = true });
        batch.AddAddress(Near, new AddressSpec { Address = Prefix("10.1.0.1/24") });
        batch.AddAddress(Far, new AddressSpec { Address = Prefix("10.2.0.1/24") });
        batch.AddAddress(Near, new AddressSpec { Address = Prefix("fd00:1::1/64"), NoDad = true });
        batch.AddAddress(Far, new AddressSpec { Address = Prefix("fd00:2::1/64"), NoDad = true });
        Client.Execute(batch);
    }

    [Theory]
    [InlineData("10.1.0.9", Near, RouteType.Unicast)]
    [InlineData("fd00:2::9", Far, RouteType.Unicast)]
    [InlineData("10.1.0.1", 1, RouteType.Local)]
    [InlineData("127.0.0.1", 1, RouteType.Local)]
    public void Way_to_an_address_is_found(string address, int output, RouteType type)
    {
        Client.SetLink(IndexOf("lo"), new LinkChange { Up = true });
        RouteSpec route = Client.FindRoute(Address(address))!;
        Assert.Equal((IpPrefix.Host(Address(address)), type, (int?)output), (route.Destination, route.Type!.Value, route.OutputIndex));
    }

    [Fact]
    public void Way_by_a_gateway_names_it()
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("0.0.0.0/0"), Gateway = Address("10.1.0.254") });
        RouteSpec route = Client.FindRoute(Address("192.0.2.1"))!;
        Assert.Equal((Address("10.1.0.254"), (int?)Near), (route.Gateway!, route.OutputIndex));
    }

    [Fact]
    public void Address_without_a_way_has_none()
    {
        Assert.Null(Client.FindRoute(Address("192.0.2.1")));
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.0/24"), Type = RouteType.Unreachable });
        Assert.Null(Client.FindRoute(Address("192.0.2.1")));
    }

    [Fact]
    public void A_default_route_goes_by_its_gateway()
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("0.0.0.0/0"), Gateway = Address("10.1.0.254") });
        RouteSpec route = Assert.Single(Client.ListRoutes(Main with { Destination = Prefix("0.0.0.0/0") }));
        Assert.Equal(
            new RouteSpec
            {
                Destination = Prefix("0.0.0.0/0"),
                Gateway = Address("10.1.0.254"),
                OutputIndex = Near,
                Scope = RouteScope.Universe,
                Protocol = RouteProtocol.Boot,
                Type = RouteType.Unicast,
                Multipath = route.Multipath,
            },
            route);
        Assert.Empty(route.Multipath);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "10.1.0.254")]
    [InlineData("2001:db8::/32", "fd00:1::fe")]
    public void Everything_of_a_route_is_read_back(string destination, string gateway)
    {
        RouteSpec spec = new()
        {
            Destination = Prefix(destination),
            Gateway = Address(gateway),
            OutputIndex = Near,
            Table = 4000,
            Priority = 77,
            Protocol = RouteProtocol.Static,
            Type = RouteType.Unicast,
            Scope = RouteScope.Universe,
            PreferredSource = destination.Contains(':', StringComparison.Ordinal) ? Address("fd00:1::1") : Address("10.1.0.1"),
            Mtu = 1300,
            AdvMss = 1200,
        };
        Client.AddRoute(spec);
        RouteSpec route = Assert.Single(Client.ListRoutes(new RouteFilter { Table = 4000 }));
        Assert.Equal(spec with { Multipath = route.Multipath }, route);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "172.16.0.1")]
    [InlineData("2001:db8::/32", "fd99::1")]
    public void An_onlink_gateway_needs_no_address_of_its_subnet(string destination, string gateway)
    {
        RouteSpec spec = new() { Destination = Prefix(destination), Gateway = Address(gateway), OutputIndex = Near };
        Assert.Contains(
            Assert.Throws<NetlinkException>(() => Client.AddRoute(spec)).Errno, (Errno[])[Errno.ENETUNREACH, Errno.EHOSTUNREACH]);
        Client.AddRoute(spec with { OnLink = true });
        Assert.True(Assert.Single(Client.ListRoutes(new RouteFilter { Destination = spec.Destination })).OnLink);
    }

    [Fact]
    public void A_route_without_gateway_gets_scope_link()
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.1/32"), OutputIndex = Near });
        Assert.Equal(
            RouteScope.Link, Assert.Single(Client.ListRoutes(new RouteFilter { Destination = Prefix("192.0.2.1/32") })).Scope);
    }

    [Fact]
    public void An_IPv4_route_goes_by_an_IPv6_gateway()
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.0/24"), Gateway = Address("fd00:1::fe"), OutputIndex = Near });
        Assert.Equal(
            Address("fd00:1::fe"), Assert.Single(Client.ListRoutes(new RouteFilter { Destination = Prefix("192.0.2.0/24") })).Gateway);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "10.1.0.254", "10.2.0.254")]
    [InlineData("2001:db8::/32", "fd00:1::fe", "fd00:2::fe")]
    public void A_route_has_several_ways(string destination, string first, string second)
    {
        List<NextHop> hops =
        [
            new() { Gateway = Address(first), OutputIndex = Near, Weight = 3 },
            new() { Gateway = Address(second), OutputIndex = Far },
        ];
        Client.AddRoute(new RouteSpec { Destination = Prefix(destination), Multipath = hops });
        RouteSpec route = Assert.Single(Client.ListRoutes(new RouteFilter { Destination = Prefix(destination) }));
        Assert.Equal(hops, route.Multipath);
        Assert.Single(Client.ListRoutes(new RouteFilter { Destination = Prefix(destination), OutputIndex = Far }));
    }

    [Theory]
    [InlineData(RouteType.Blackhole)]
    [InlineData(RouteType.Unreachable)]
    [InlineData(RouteType.Prohibit)]
    [InlineData(RouteType.Throw)]
    public void Routes_that_lead_nowhere(RouteType type)
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.0/24"), Type = type });
        Assert.Equal(type, Assert.Single(Client.ListRoutes(new RouteFilter { Type = type, Family = IpFamily.IPv4 })).Type);
    }

    [Fact]
    public void The_same_destination_again_is_EEXIST_unless_replaced()
    {
        RouteSpec spec = new() { Destination = Prefix("192.0.2.0/24"), Gateway = Address("10.1.0.254") };
        Client.AddRoute(spec);
        RouteSpec other = spec with { Gateway = Address("10.1.0.253") };
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.AddRoute(other));
        Assert.Equal((Errno.EEXIST, "add route 192.0.2.0/24 via 10.1.0.253"), (refusal.Errno, refusal.Operation));
        Client.ReplaceRoute(other);
        Assert.Equal(other.Gateway, Assert.Single(Client.ListRoutes(new RouteFilter { Destination = spec.Destination })).Gateway);
    }

    [Fact]
    public void A_prepended_route_stands_beside_the_other_and_an_equal_one_is_EEXIST()
    {
        RouteSpec spec = new() { Destination = Prefix("192.0.2.0/24"), Gateway = Address("10.1.0.254") };
        Client.PrependRoute(spec);
        Client.PrependRoute(spec with { Gateway = Address("10.1.0.253") });
        Assert.Equal(2, Client.ListRoutes(new RouteFilter { Destination = spec.Destination }).Count);
        Assert.Equal(Errno.EEXIST, Assert.Throws<NetlinkException>(() => Client.PrependRoute(spec)).Errno);
    }

    [Fact]
    public void A_prepended_IPv6_route_is_one_more_way()
    {
        RouteSpec spec = new() { Destination = Prefix("2001:db8::/32"), Gateway = Address("fd00:1::fe") };
        Client.PrependRoute(spec);
        Client.PrependRoute(spec with { Gateway = Address("fd00:2::fe") });
        Assert.Equal(2, Assert.Single(Client.ListRoutes(new RouteFilter { Destination = spec.Destination })).Multipath.Count);
    }

    [Fact]
    public void Only_the_route_with_the_given_gateway_is_deleted()
    {
        RouteSpec spec = new() { Destination = Prefix("192.0.2.0/24"), Gateway = Address("10.1.0.254"), Protocol = RouteProtocol.Static };
        Client.AddRoute(spec);
        RouteSpec reference = new() { Destination = spec.Destination };
        Assert.Equal(
            Errno.ESRCH, Assert.Throws<NetlinkException>(() => Client.DeleteRoute(reference with { Gateway = Address("10.1.0.9") })).Errno);
        Client.DeleteRoute(reference);
        Assert.Empty(Client.ListRoutes(new RouteFilter { Destination = spec.Destination }));
        Client.DeleteRoute(reference, tolerate: Errno.ESRCH);
    }

    [Fact]
    public void Filters_find_what_they_name()
    {
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.0/24"), OutputIndex = Near, Table = 5000 });
        Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.0/24"), OutputIndex = Far, Protocol = RouteProtocol.Static });
        Assert.Equal((uint)5000, Assert.Single(Client.ListRoutes(new RouteFilter { Table = 5000 })).Table);
        Assert.Equal(Far, Assert.Single(Client.ListRoutes(new RouteFilter { Protocol = RouteProtocol.Static })).OutputIndex);
        Assert.All(Client.ListRoutes(Main with { OutputIndex = Near }), route => Assert.Equal(Near, route.OutputIndex));
        Assert.All(Client.ListRoutes(Main with { Family = IpFamily.IPv6 }), route => Assert.True(route.Destination.IsIPv6));
        Assert.Equal(
            [Prefix("10.1.0.0/24")],
            Client.ListRoutes(new RouteFilter { Family = IpFamily.IPv4, OutputIndex = Near, Protocol = RouteProtocol.Kernel, Table = 254 })
                .Select(route => route.Destination));
        Assert.NotEmpty(Client.ListRoutes(new RouteFilter { Type = RouteType.Local }));
    }

    [Fact]
    public void Tables_and_links_that_do_not_exist_have_no_routes()
    {
        Assert.Empty(Client.ListRoutes(new RouteFilter { Table = 4711, Family = IpFamily.IPv4 }));
        Assert.Empty(Client.ListRoutes(new RouteFilter { Table = 4711, Family = IpFamily.IPv6 }));
        Assert.Empty(Client.ListRoutes(new RouteFilter { Table = 4711 }));
        Assert.Empty(Client.ListRoutes(new RouteFilter { OutputIndex = 4711 }));
    }

    [Fact]
    public void Host_bits_in_a_destination_are_refused_with_the_kernels_words()
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(
            () => Client.AddRoute(new RouteSpec { Destination = Prefix("192.0.2.1/24"), OutputIndex = Near }));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains("prefix", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private static IPAddress Address(string text) => IPAddress.Parse(text);
}
