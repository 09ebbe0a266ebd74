using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using TestKit;

namespace Netlink.Tests.Route;

public sealed class NeighbourKernelTests : KernelTest
{
    private const int Near = 100;

    private static readonly MacAddress Mac = new([2, 0, 0, 0, 0, 9]);

    public NeighbourKernelTests() => Client.CreateLink(
        new VethSpec { Name = "a", Index = Near, Up = true, Peer = new VethPeer { Name = "b" } });

    [Theory]
    [InlineData("10.1.0.9")]
    [InlineData("fd00::9")]
    public void A_neighbour_is_added_changed_and_deleted(string address)
    {
        Neighbour neighbour = new() { LinkIndex = Near, Address = IPAddress.Parse(address), Mac = Mac };
        Client.Execute(new RouteBatch().AddNeighbour(neighbour));
        Assert.Contains(neighbour, Client.ListNeighbours(Near));

        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.Execute(new RouteBatch().AddNeighbour(neighbour)));
        Assert.Equal((Errno.EEXIST, $"add neighbour {address} on link {Near}"), (refusal.Errno, refusal.Operation));
        Neighbour other = neighbour with { Mac = new MacAddress([2, 0, 0, 0, 0, 10]) };
        Client.Execute(new RouteBatch().ReplaceNeighbour(other));
        Assert.Contains(other, Client.ListNeighbours(Near));

        Client.Execute(new RouteBatch().DeleteNeighbour(neighbour));
        Assert.DoesNotContain(Client.ListNeighbours(Near), n => n.Mac is not null);
    }

    [Fact]
    public void A_neighbour_that_does_not_exist_is_ENOENT()
    {
        Neighbour neighbour = new() { LinkIndex = Near, Address = IPAddress.Parse("10.1.0.9") };
        RouteBatch batch = new RouteBatch().DeleteNeighbour(neighbour);
        Assert.Equal(Errno.ENOENT, Assert.Throws<NetlinkException>(() => Client.Execute(batch)).Errno);
    }

    [Fact]
    public void Neighbours_are_listed_by_link_and_family()
    {
        Client.Execute(new RouteBatch()
            .AddNeighbour(new Neighbour { LinkIndex = Near, Address = IPAddress.Parse("10.1.0.9"), Mac = Mac })
            .AddNeighbour(new Neighbour { LinkIndex = Near, Address = IPAddress.Parse("fd00::9"), Mac = Mac }));
        Assert.Equal("10.1.0.9", Assert.Single(Client.ListNeighbours(Near, IpFamily.IPv4)).Address.ToString());
        Assert.Empty(Client.ListNeighbours(1, IpFamily.IPv4));
        Assert.Empty(Client.ListNeighbours(4711));
    }

    [Fact]
    public void A_host_answers_for_a_proxy_entry()
    {
        Neighbour proxy = new() { LinkIndex = Near, Address = IPAddress.Parse("10.1.0.9"), IsProxy = true };
        Client.Execute(new RouteBatch().AddNeighbour(proxy));
        Assert.Empty(Client.ListNeighbours(Near, IpFamily.IPv4));
        Client.Execute(new RouteBatch().DeleteNeighbour(proxy));
    }
}
