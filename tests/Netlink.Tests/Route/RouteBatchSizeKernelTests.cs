using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;
using TestKit;

namespace Netlink.Tests.Route;

/// <summary>Batches of rtnetlink of every size, each request acknowledged or refused.</summary>
public sealed class RouteBatchSizeKernelTests : KernelTest
{
    private static readonly MacAddress Mac = MacAddress.Random();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Addresses_routes_and_neighbours_come_and_go_however_many_there_are(bool ipv6)
    {
        int link = MakeBridge();
        BatchSizes.ForAll(count =>
        {
            int[] numbers = [.. Enumerable.Range(1, count)];
            RouteBatch addition = new();
            foreach (int number in numbers)
                addition.AddAddress(link, new AddressSpec { Address = Address(ipv6, number), NoDad = ipv6 });
            foreach (int number in numbers)
                addition.AddRoute(To(link, ipv6, number)).AddNeighbour(At(link, ipv6, number));
            Client.Execute(addition);
            Assert.Equal(3 * count, Client.TryExecute(addition).Count);
            Assert.True(Client.ListAddresses(link, ipv6 ? IpFamily.IPv6 : IpFamily.IPv4).Count >= count);
            Assert.True(Client.ListNeighbours(link).Count >= count);

            RouteBatch removal = new();
            foreach (int number in numbers)
            {
                removal.DeleteRoute(To(link, ipv6, number))
                    .DeleteNeighbour(At(link, ipv6, number))
                    .DeleteAddress(link, Address(ipv6, number));
            }
            Client.Execute(removal);
            Assert.Equal(3 * count, Client.TryExecute(removal).Count);
            Assert.DoesNotContain(Client.ListAddresses(link), address => address.Address == Address(ipv6, 1));
        });
    }

    [Fact]
    public void Rules_come_and_go_however_many_there_are() => BatchSizes.ForAll(count =>
    {
        RouteBatch addition = new(), removal = new();
        for (int number = 1; number <= count; number++)
        {
            RuleSpec rule = new() { Family = IpFamily.IPv4, Source = Address(ipv6: false, number), Table = 100, Priority = 1000 };
            addition.AddRule(rule);
            removal.DeleteRule(rule);
        }
        int before = Client.ListRules().Count;
        Client.Execute(addition);
        Assert.Equal(before + count, Client.ListRules().Count);
        Client.Execute(removal);
        Assert.Equal(before, Client.ListRules().Count);
    });

    [Fact]
    public void Refusals_with_explanations_are_all_read_however_many_there_are()
    {
        int bridge = MakeBridge();
        BatchSizes.ForAll(count =>
        {
            RouteBatch batch = new();
            for (int number = 0; number < count; number++)
            {
                batch.DeleteLink(int.MaxValue - number)
                    .SetLink(int.MaxValue - number, new LinkChange { Alias = new string('x', 200) })
                    .DeleteQdisc(bridge, TcHandle.Root, new TcHandle(7, 0));
            }
            Assert.Equal(3 * count, Client.TryExecute(batch).Count);
        });
    }

    [Fact]
    public void Links_come_and_go_however_many_there_are()
    {
        // What a node has of stale ones, in one batch; each deletion takes the kernel some milliseconds.
        const int Count = 149;
        RouteBatch addition = new(), removal = new();
        for (int number = 0; number < Count; number++)
        {
            addition.CreateLink(new BridgeSpec { Name = $"b{number}", Index = 1000 + number });
            removal.DeleteLink(1000 + number, tolerate: Errno.ENODEV);
        }
        Client.Execute(addition);
        Assert.Equal(Count, Client.ListLinks(kind: "bridge").Count);
        Client.Execute(removal);
        Client.Execute(removal);
        Assert.Empty(Client.ListLinks(kind: "bridge"));
    }

    [Fact]
    public void Change_whose_acknowledgements_the_kernel_really_drops_is_an_error_and_the_next_call_works_in_the_same_namespace()
    {
        int link = MakeBridge();
        using LimitedTransport transport = new(NetlinkProtocol.Route, Namespace, claimed: int.MaxValue);
        using RouteClient client = new(new NetlinkSocket(transport));
        RouteBatch addition = new();
        for (int number = 1; number <= 600; number++)
            addition.DeleteAddress(link, IpPrefix.Host(IPAddress.Any));
        NetlinkException loss = Assert.Throws<NetlinkException>(() => client.Execute(addition));
        Assert.Equal(Errno.ENOBUFS, loss.Errno);
        Assert.Equal(link, client.FindLink("br0")?.Index);
    }

    private int MakeBridge()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0", Up = true });
        return IndexOf("br0");
    }

    private static IpPrefix Address(bool ipv6, int number) =>
        IpPrefix.Host(IPAddress.Parse(ipv6 ? $"fd00::{number:x}" : $"10.1.{number / 250}.{(number % 250) + 1}"));

    private static RouteSpec To(int link, bool ipv6, int number) => new()
    {
        Destination = IpPrefix.Host(IPAddress.Parse(ipv6 ? $"fd01::{number:x}" : $"10.2.{number / 250}.{(number % 250) + 1}")),
        OutputIndex = link,
    };

    private static Neighbour At(int link, bool ipv6, int number) => new()
    {
        LinkIndex = link,
        Address = To(link, ipv6, number).Destination.Address,
        Mac = Mac,
    };
}
