using System.Net;
using Cni;
using Dhcp.Client;
using Dhcp.Messages;
using Linux.Addresses;
using Linux.Sockets;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using TestKit;

namespace Dhcp.Tests.Client;

public sealed class PodLinksKernelTests : KernelTest
{
    private readonly EventLoop _loop = new(static _ => { });
    private readonly int _index;

    public PodLinksKernelTests()
    {
        Client.CreateLink(new VethSpec { Name = "eth0", Mac = FakeLinks.Mac, Up = true, Peer = new VethPeer { Name = "peer" } });
        _index = IndexOf("eth0");
    }

    private PodLinks Links => new(_loop, "");

    private LeaseRequest Request => ClientTest.Request with { NetNS = $"/proc/self/fd/{Namespace.Handle.Number}" };

    public override void Dispose()
    {
        _loop.Dispose();
        base.Dispose();
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private static Addressing Addressing(string address, string gateway, int? priority = null) => new(
        Prefix(address), [new CniRoute { Destination = Prefix("0.0.0.0/0"), Gateway = IPAddress.Parse(gateway), Priority = priority }]);

    private string[] Addresses => [.. Client.ListAddresses(_index, IpFamily.IPv4).Select(static address => address.Address.ToString())];

    private string[] DefaultRoutes =>
    [
        .. Client.ListRoutes(new RouteFilter { Family = IpFamily.IPv4 })
            .Where(static route => route.Destination.Length == 0)
            .Select(static route => $"{route.Gateway} {route.Priority}"),
    ];

    [Fact]
    public void The_interface_is_known_by_its_MAC_address()
    {
        Assert.True(Links.Exists(Request, FakeLinks.Mac));
        Assert.False(Links.Exists(Request, FakeLinks.ServerStation));
        Assert.False(Links.Exists(Request with { IfName = "eth1" }, FakeLinks.Mac));
        Assert.False(Links.Exists(Request with { NetNS = "/run/netns/absent" }, FakeLinks.Mac));
    }

    [Theory]
    [InlineData("10.0.0.9/24", "10.0.0.1")]
    [InlineData("10.7.0.9/16", "10.7.0.1")]
    [InlineData("10.0.0.5/24", "10.0.0.2")]
    public void A_new_address_takes_the_place_of_the_old_one_with_its_routes(string address, string gateway)
    {
        Client.AddAddress(_index, new AddressSpec { Address = Prefix("10.0.0.5/24") });
        Client.AddRoute(
            new RouteSpec { Destination = Prefix("0.0.0.0/0"), Gateway = IPAddress.Parse("10.0.0.1"), OutputIndex = _index, Priority = 7 });

        Links.Replace(Request, FakeLinks.Mac, Addressing("10.0.0.5/24", "10.0.0.1", 7), Addressing(address, gateway, 7));

        Assert.Equal([address], Addresses);
        Assert.Equal([$"{gateway} 7"], DefaultRoutes);
    }

    [Fact]
    public void An_interface_without_the_old_address_is_left_alone()
    {
        Links.Replace(Request, FakeLinks.Mac, Addressing("10.0.0.5/24", "10.0.0.1"), Addressing("10.0.0.6/24", "10.0.0.1"));
        Assert.Empty(Addresses);
    }

    [Fact]
    public void An_address_is_withdrawn_and_may_be_again()
    {
        Client.AddAddress(_index, new AddressSpec { Address = Prefix("10.0.0.5/24") });
        Links.Withdraw(Request, FakeLinks.Mac, Prefix("10.0.0.5/24"));
        Links.Withdraw(Request, FakeLinks.Mac, Prefix("10.0.0.5/24"));
        Assert.Empty(Addresses);
    }

    [Fact]
    public void The_interface_is_taken_down_and_brought_up_to_ask()
    {
        Links.TakeDown(Request, FakeLinks.Mac);
        Assert.False(Client.FindLink(_index)!.IsUp);
        using ILink4 link = Links.Open4(Request, FakeLinks.Mac, static (_, _) => { });
        Assert.True(Client.FindLink(_index)!.IsUp);
        Assert.Equal(FakeLinks.Mac, link.HardwareAddress);
    }

    [Fact]
    public void Answers_of_servers_arrive_and_nothing_else()
    {
        List<string> received = [];
        using ILink4 link = Links.Open4(Request, expected: null, (message, station) =>
        {
            received.Add($"{message.YourAddress} of {station}");
            _loop.Stop();
        });
        DhcpMessage ack = new()
        {
            TransactionId = 1,
            HardwareAddress = FakeLinks.Mac,
            YourAddress = IPAddress.Parse("10.0.0.5"),
            Options = new() { [53] = [5] },
        };
        Client.SetLink(IndexOf("peer"), new LinkChange { Up = true });
        Namespace.Run(() =>
        {
            using PacketSocket server = PacketSocket.Open(IndexOf("peer"), 67);
            server.Send(UdpPacket.Write(IPAddress.Parse("10.0.0.1"), 67, IPAddress.Broadcast, 68, [1, 2, 3]), FakeLinks.Mac);
            foreach (ushort port in (ushort[])[69, 68])
                server.Send(UdpPacket.Write(IPAddress.Parse("10.0.0.1"), 67, IPAddress.Broadcast, port, ack.ToReply()), FakeLinks.Mac);
        });
        _loop.Run();
        Assert.Equal($"10.0.0.5 of {Client.FindLink("peer")!.Mac}", Assert.Single(received));
    }
}
