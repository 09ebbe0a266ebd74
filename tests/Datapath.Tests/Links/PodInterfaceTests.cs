using System.Net;
using Cni;
using Datapath.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Datapath.Tests.Links;

public sealed class PodInterfaceTests
{
    private static readonly CniIp[] s_dualStack =
    [
        new() { Address = TestCall.Prefix("10.1.2.5/24"), Gateway = IPAddress.Parse("10.1.2.1") },
        new() { Address = TestCall.Prefix("10.1.3.5/24"), Gateway = IPAddress.Parse("10.1.3.1") },
        new() { Address = TestCall.Prefix("fd00::5/64"), Gateway = IPAddress.Parse("fd00::1") },
    ];

    private static RouteSpec Through(CniRoute route, params CniIp[] ips) => new PodInterface("eth0", 7).RouteThrough(route, ips);

    private static CniRoute To(string destination, string? gateway = null) =>
        new() { Destination = TestCall.Prefix(destination), Gateway = gateway is null ? null : IPAddress.Parse(gateway) };

    [Theory]
    [InlineData("0.0.0.0/0", "10.1.2.1")]
    [InlineData("::/0", "fd00::1")]
    public void Gateway_defaults_to_the_first_of_its_family(string destination, string gateway)
    {
        RouteSpec route = Through(To(destination), s_dualStack);
        Assert.Equal(IPAddress.Parse(gateway), route.Gateway);
        Assert.Equal(7, route.OutputIndex);
        Assert.Equal(RouteTable.Main, route.Table);
        Assert.False(route.OnLink);
        Assert.Null(route.Scope);
        Assert.Null(route.Priority);
        Assert.Null(route.Mtu);
        Assert.Null(route.AdvMss);
    }

    [Fact]
    public void Gateway_of_the_route_itself_wins() =>
        Assert.Equal(IPAddress.Parse("10.1.2.9"), Through(To("0.0.0.0/0", "10.1.2.9"), s_dualStack).Gateway);

    [Fact]
    public void Without_any_gateway_the_destination_is_on_the_link()
    {
        RouteSpec route = Through(To("192.0.2.0/24"), new CniIp { Address = TestCall.Prefix("10.1.2.5/24") }, s_dualStack[2]);
        Assert.Null(route.Gateway);
        Assert.False(route.OnLink);
    }

    [Theory]
    [InlineData(253)]
    [InlineData(254)]
    public void Destination_on_the_link_by_its_scope_has_no_gateway(int scope) =>
        Assert.Null(Through(To("192.0.2.0/24") with { Scope = scope }, s_dualStack).Gateway);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void Wider_scopes_have_one(int scope) =>
        Assert.Equal(IPAddress.Parse("10.1.2.1"), Through(To("192.0.2.0/24") with { Scope = scope }, s_dualStack).Gateway);

    [Theory]
    [InlineData("10.1.2.5/24", "10.1.2.9", false)]
    [InlineData("10.1.2.5/24", "10.1.3.1", true)]
    [InlineData("10.1.2.5/32", "10.1.2.5", true)]
    [InlineData("10.1.2.5/32", "169.254.1.1", true)]
    [InlineData("fd00::5/64", "fd00:9::1", true)]
    [InlineData("fd00::5/128", "fd00::1", true)]
    [InlineData("fd00::5/64", "fe80::1", false)]
    public void Gateway_outside_every_subnet_is_on_the_link(string address, string gateway, bool onLink) => Assert.Equal(
        onLink,
        Through(
            To(gateway.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0", gateway),
            new CniIp { Address = TestCall.Prefix(address) }).OnLink);

    [Fact]
    public void Host_bits_of_the_destination_do_not_count() =>
        Assert.Equal(TestCall.Prefix("192.0.2.0/24"), Through(To("192.0.2.77/24")).Destination);

    [Fact]
    public void Zero_means_the_kernels_choice()
    {
        RouteSpec route = Through(To("192.0.2.0/24") with { Mtu = 0, AdvMss = 0, Priority = 0 });
        Assert.Null(route.Mtu);
        Assert.Null(route.AdvMss);
        Assert.Null(route.Priority);
    }
}
