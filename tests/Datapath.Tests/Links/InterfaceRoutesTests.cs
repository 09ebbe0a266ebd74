using System.Net;
using Datapath.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Datapath.Tests.Links;

public sealed class InterfaceRoutesTests
{
    private static readonly NextHop s_first = new() { Gateway = IPAddress.Parse("10.1.0.1"), OutputIndex = 1 };
    private static readonly NextHop s_second = new() { Gateway = IPAddress.Parse("10.2.0.1"), OutputIndex = 2, OnLink = true };
    private static readonly NextHop s_third = new() { Gateway = IPAddress.Parse("10.1.0.2"), OutputIndex = 1 };

    private static RouteSpec Route(params NextHop[] hops) => new() { Destination = TestCall.Prefix("10.0.0.0/8"), Multipath = hops };

    [Fact]
    public void Route_through_another_interface_is_none()
    {
        Assert.Null(new RouteSpec { Destination = TestCall.Prefix("10.0.0.0/8"), OutputIndex = 2 }.Through(1));
        Assert.Null(Route(s_second).Through(1));
    }

    [Fact]
    public void Route_through_the_interface_is_itself()
    {
        RouteSpec route = new() { Destination = TestCall.Prefix("10.0.0.0/8"), OutputIndex = 1 };
        Assert.Same(route, route.Through(1));
        Assert.True(route.IsOnLink());
    }

    [Fact]
    public void One_way_of_several_is_a_plain_route()
    {
        RouteSpec own = Route(s_first, s_second).Through(2)!;
        Assert.Equal((s_second.Gateway, 2, true, 0), (own.Gateway, own.OutputIndex, own.OnLink, own.Multipath.Count));
        Assert.False(own.IsOnLink());
    }

    [Fact]
    public void Several_ways_stay_several()
    {
        Assert.Equal([s_first, s_third], Route(s_first, s_second, s_third).Through(1)!.Multipath);
        Assert.Equal([s_first.Gateway!, s_second.Gateway!], Route(s_first, s_second).Gateways());
    }
}
