using System.Net;
using Cni;
using Datapath.Links;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Datapath.Tests.Links;

public sealed class PodInterfaceKernelTests : NodeKernelTest
{
    private readonly PodInterface _pod;

    public PodInterfaceKernelTests() => _pod = new PodInterface("eth0", MakeVeth());

    private static CniIp Ip(string address, string? gateway = null) =>
        new() { Address = TestCall.Prefix(address), Gateway = gateway is null ? null : IPAddress.Parse(gateway) };

    private static CniRoute To(string destination, string? gateway = null) =>
        new() { Destination = TestCall.Prefix(destination), Gateway = gateway is null ? null : IPAddress.Parse(gateway) };

    private void Configure(CniIp[] ips, CniRoute[] routes, bool duplicateAddressDetection = false)
    {
        CniResult result = new();
        result.Ips.AddRange(ips);
        result.Routes.AddRange(routes);
        Pod.Run(() =>
        {
            _pod.Prepare(duplicateAddressDetection);
            _pod.PrepareIPv6(TestCall.Prefix("fd00::5/64"));
            using RouteClient inside = RouteClient.Open();
            _pod.Configure(inside, result, duplicateAddressDetection);
            if (duplicateAddressDetection)
                _pod.WaitForDad();
        });
    }

    private List<InterfaceAddress> Addresses() =>
        PodClient.ListAddresses(_pod.Index).FindAll(address => !address.Address.Address.IsIPv6LinkLocal);

    private List<RouteSpec> Routes(string destination, uint table = RouteTable.Main) =>
        PodClient.ListRoutes(new RouteFilter { Destination = TestCall.Prefix(destination), Table = table });

    [Fact]
    public void Interface_is_up_with_its_addresses()
    {
        Configure([Ip("10.1.2.5/24"), Ip("fd00::5/64")], []);
        Assert.True(PodClient.FindLink("eth0")!.IsUp);
        Assert.Equal(["10.1.2.5/24", "fd00::5/64"], Addresses().Select(address => address.Address.ToString()));
    }

    [Theory]
    [InlineData("10.1.2.5/24", "10.1.2.255")]
    [InlineData("10.1.2.5/30", "10.1.2.7")]
    [InlineData("10.1.2.5/31", null)]
    [InlineData("10.1.2.5/32", null)]
    public void Ipv4_network_with_room_for_one_has_a_broadcast_address(string address, string? broadcast)
    {
        Configure([Ip(address)], []);
        Assert.Equal(broadcast, Assert.Single(Addresses()).Broadcast?.ToString());
    }

    [Fact]
    public void Ipv6_address_without_detection_serves_at_once()
    {
        Configure([Ip("fd00::5/64")], []);
        Assert.False(Assert.Single(Addresses()).IsTentative);
    }

    [Fact]
    public void Routes_go_by_the_gateway_of_their_family()
    {
        Configure(
            [Ip("10.1.2.5/24", "10.1.2.1"), Ip("fd00::5/64", "fd00::1")], [To("0.0.0.0/0"), To("::/0"), To("192.0.2.0/24", "10.1.2.9")]);
        Assert.Equal("10.1.2.1", Assert.Single(Routes("0.0.0.0/0")).Gateway!.ToString());
        Assert.Equal("fd00::1", Assert.Single(Routes("::/0")).Gateway!.ToString());
        Assert.Equal("10.1.2.9", Assert.Single(Routes("192.0.2.0/24")).Gateway!.ToString());
    }

    /// <summary>Without IPv6 the kernel has no settings for an interface, as for one that does not exist.</summary>
    [Fact]
    public void Kernel_without_IPv6_is_named_with_the_address() => TestCall.AssertFails(
        CniErrorCode.InvalidNetworkConfig,
        ["ipam", "fd00::5/64", "no IPv6"],
        () => Pod.Run(() => new PodInterface("absent0", 1).PrepareIPv6(TestCall.Prefix("fd00::5/64"))));

    [Theory]
    [InlineData("192.0.2.0/24", "0.0.0.0")]
    [InlineData("fd00:9::/64", "::")]
    [InlineData("0.0.0.0/0", "0.0.0.0")]
    public void Unspecified_gateway_means_on_the_link(string destination, string gateway)
    {
        Configure([Ip("10.1.2.5/24", "10.1.2.1"), Ip("fd00::5/64", "fd00::1")], [To(destination, gateway)]);
        RouteSpec route = Assert.Single(Routes(destination));
        Assert.Equal((null, _pod.Index), (route.Gateway, route.OutputIndex));
    }

    [Theory]
    [InlineData("10.1.2.5/32", "169.254.1.1", "0.0.0.0/0")]
    [InlineData("fd00::5/128", "fd00::1", "::/0")]
    [InlineData("fd00::5/64", "fe80::1", "::/0")]
    public void Gateway_outside_every_subnet_is_reached(string address, string gateway, string destination)
    {
        Configure([Ip(address, gateway)], [To(destination)]);
        Assert.Equal(gateway, Assert.Single(Routes(destination)).Gateway!.ToString());
    }

    [Fact]
    public void Settings_of_a_route_are_applied()
    {
        CniRoute route = To("192.0.2.0/24") with { Mtu = 1400, AdvMss = 1360, Priority = 50, Table = 100 };
        Configure([Ip("10.1.2.5/24", "10.1.2.1")], [route, To("198.51.100.0/24") with { Scope = 253 }]);
        RouteSpec applied = Assert.Single(Routes("192.0.2.0/24", table: 100));
        Assert.Equal((1400u, 1360u, 50u), (applied.Mtu, applied.AdvMss, applied.Priority));
        Assert.Empty(Routes("192.0.2.0/24"));
        RouteSpec onLink = Assert.Single(Routes("198.51.100.0/24"));
        Assert.Equal(RouteScope.Link, onLink.Scope);
        Assert.Null(onLink.Gateway);
    }

    [Fact]
    public void Same_route_twice_is_one()
    {
        Configure(
            [Ip("10.1.2.5/24", "10.1.2.1"), Ip("fd00::5/64", "fd00::1")],
            [To("0.0.0.0/0"), To("0.0.0.0/0"), To("0.0.0.0/0", "10.1.2.1"), To("::/0"), To("::/0", "fd00::1")]);
        _ = Assert.Single(Routes("0.0.0.0/0"));
        Assert.Empty(Assert.Single(Routes("::/0")).Multipath);
    }

    [Fact]
    public void Routes_to_one_destination_by_different_gateways_are_all_kept()
    {
        Configure(
            [Ip("10.1.2.5/24"), Ip("fd00::5/64")],
            [
                To("192.0.2.0/24", "10.1.2.1"),
                To("192.0.2.0/24", "10.1.2.2"),
                To("2001:db8::/32", "fd00::1"),
                To("2001:db8::/32", "fd00::2"),
            ]);
        Assert.Equal(
            ["10.1.2.1", "10.1.2.2"], Routes("192.0.2.0/24").Select(route => route.Gateway!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["fd00::1", "fd00::2"],
            Assert.Single(Routes("2001:db8::/32")).Multipath.Select(hop => hop.Gateway!.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Route_that_the_kernel_refuses_is_named()
    {
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Configure([Ip("10.1.2.5/24")], [To("0.0.0.0/0", "10.1.2.255")]));
        Assert.Contains("0.0.0.0/0 via 10.1.2.255", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_the_interface_stand()
    {
        Configure([Ip("fd00::5/64")], []);
        Assert.Equal(["0", "1", "1", "0"], Pod.Run(() => (string?[])
        [
            Sysctl.TryRead("net/ipv6/conf/eth0/accept_dad"),
            Sysctl.TryRead("net/ipv6/conf/eth0/keep_addr_on_down"),
            Sysctl.TryRead("net/ipv4/conf/eth0/arp_notify"),
            Sysctl.TryRead("net/ipv6/conf/eth0/disable_ipv6"),
        ]));
    }

    [Fact]
    public void Ipv6_is_switched_on_where_it_was_off()
    {
        Pod.Run(() =>
        {
            Sysctl.Write("net/ipv6/conf/lo/disable_ipv6", "1");
            Sysctl.Write("net/ipv6/conf/eth0/disable_ipv6", "1");
        });
        Configure([Ip("fd00::5/64")], []);
        _ = Assert.Single(Addresses());
        Assert.Equal("0", Pod.Run(() => Sysctl.TryRead("net/ipv6/conf/lo/disable_ipv6")));
    }

    [Fact]
    public void Detection_has_ended_when_it_was_asked_for()
    {
        NodeClient.SetLink(IndexOf("host0"), new LinkChange { Up = true });
        Configure([Ip("fd00::5/64")], [], duplicateAddressDetection: true);
        InterfaceAddress address = Assert.Single(Addresses());
        Assert.False(address.IsTentative);
        Assert.False(address.Flags.HasFlag(AddressFlags.NoDad));
    }

    [Fact]
    public void Address_of_another_host_is_found_by_detection()
    {
        int other = IndexOf("host0");
        NodeClient.AddAddress(other, new AddressSpec { Address = TestCall.Prefix("fd00::5/64"), NoDad = true });
        NodeClient.SetLink(other, new LinkChange { Up = true });
        TestCall.AssertFails(
            CniErrorCode.AlreadyExists,
            ["fd00::5/64", "eth0"],
            () => Configure([Ip("fd00::5/64")], [], duplicateAddressDetection: true));
    }
}
