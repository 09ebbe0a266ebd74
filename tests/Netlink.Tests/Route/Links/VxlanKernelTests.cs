using System.Net;
using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using TestKit;

namespace Netlink.Tests.Route.Links;

public sealed class VxlanKernelTests : KernelTest
{
    private const int Underlay = 100;
    private const int Tunnel = 700;

    private static readonly MacAddress Mac = new([2, 0, 0, 0, 0, 9]);

    public VxlanKernelTests()
    {
        Client.CreateLink(new VethSpec { Name = "a", Index = Underlay, Up = true, Peer = new VethPeer { Name = "b" } });
        Client.CreateLink(new VxlanSpec
        {
            Name = "vx0",
            Index = Tunnel,
            Up = true,
            Id = 42,
            Local = IPAddress.Parse("10.0.0.1"),
            Port = 4789,
            Learning = false,
            Underlay = Underlay,
        });
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2")]
    [InlineData("fd00::1", "fd00::2")]
    public void A_tunnel_is_as_it_was_asked_for(string local, string remote)
    {
        Client.CreateLink(new VxlanSpec
        {
            Name = "vx1",
            Id = 0xffffff,
            Local = IPAddress.Parse(local),
            Remote = IPAddress.Parse(remote),
            Port = 4790,
        });
        Link link = Client.FindLink("vx1")!;
        Assert.Equal(
            new VxlanState
            {
                Id = 0xffffff,
                Local = IPAddress.Parse(local),
                Remote = IPAddress.Parse(remote),
                Port = 4790,
                Learning = true,
            },
            link.Vxlan);
        Assert.Equal(
            new VxlanState { Id = 42, Local = IPAddress.Parse("10.0.0.1"), Port = 4789, Underlay = Underlay },
            Client.FindLink(Tunnel)!.Vxlan);
        Assert.Null(Client.FindLink(Underlay)!.Vxlan);
    }

    [Fact]
    public void Forwarding_entries_are_added_changed_and_deleted()
    {
        ForwardingEntry entry = Entry(Mac, "10.0.0.9");
        Client.Execute(new RouteBatch().AddForwarding(entry));
        Assert.Contains(entry, Client.ListForwarding(Tunnel));
        Assert.All(Client.ListForwarding(Underlay), other => Assert.Equal(Underlay, other.LinkIndex));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.Execute(new RouteBatch().AddForwarding(entry)));
        Assert.Equal(
            (Errno.EEXIST, "add forwarding of 02:00:00:00:00:09 to 10.0.0.9 on link 700"), (refusal.Errno, refusal.Operation));

        ForwardingEntry moved = Entry(Mac, "10.0.0.10");
        Client.Execute(new RouteBatch().ReplaceForwarding(moved));
        Assert.Equal([moved], Client.ListForwarding(Tunnel));

        Client.Execute(new RouteBatch().DeleteForwarding(moved));
        Assert.Empty(Client.ListForwarding(Tunnel));
        refusal = Assert.Throws<NetlinkException>(() => Client.Execute(new RouteBatch().DeleteForwarding(moved)));
        Assert.Equal(Errno.ENOENT, refusal.Errno);
    }

    [Fact]
    public void Frames_to_all_go_to_several_hosts()
    {
        ForwardingEntry[] entries = [Entry(default, "10.0.0.9"), Entry(default, "10.0.0.10")];
        Client.Execute(new RouteBatch().AppendForwarding(entries[0]).AppendForwarding(entries[1]).AppendForwarding(entries[1]));
        Assert.Equal(
            entries,
            Client.ListForwarding(Tunnel).OrderByDescending(static entry => $"{entry.Destination}", StringComparer.Ordinal));
        Client.Execute(new RouteBatch().DeleteForwarding(entries[0]));
        Assert.Equal([entries[1]], Client.ListForwarding(Tunnel));
    }

    [Fact]
    public void Entries_of_a_bridge_and_of_an_absent_interface()
    {
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 500, Up = true });
        Client.SetLink(Underlay, new LinkChange { Master = 500 });
        ForwardingEntry entry = new() { LinkIndex = Underlay, Mac = Mac, IsOfMaster = true, State = NeighbourState.NoArp };
        Client.Execute(new RouteBatch().AddForwarding(entry));
        Assert.Contains(entry, Client.ListForwarding());
        Assert.Empty(Client.ListForwarding(4711));
    }

    [Fact]
    public void Frames_reach_the_host_that_an_entry_names()
    {
        using NetworkNamespace other = NetworkNamespace.Create();
        using RouteClient there = RouteClient.Open(other);
        Client.Execute(new RouteBatch().SetLink(Client.FindLink("b")!.Index, new LinkChange { TargetNamespace = other }));
        Client.AddAddress(Underlay, new AddressSpec { Address = Prefix("10.0.0.1/24") });
        int far = there.FindLink("b")!.Index;
        there.AddAddress(far, new AddressSpec { Address = Prefix("10.0.0.2/24") });
        there.SetLink(far, new LinkChange { Up = true });
        there.CreateLink(new VxlanSpec
        {
            Name = "vx0",
            Index = Tunnel,
            Mac = Mac,
            Up = true,
            Id = 42,
            Local = IPAddress.Parse("10.0.0.2"),
            Port = 4789,
            Learning = false,
            Underlay = far,
        });
        Client.Execute(new RouteBatch().AddForwarding(Entry(Mac, "10.0.0.2")));
        there.Execute(new RouteBatch().AppendForwarding(Entry(default, "10.0.0.1")));
        Client.AddAddress(Tunnel, new AddressSpec { Address = Prefix("10.9.0.1/24") });
        there.AddAddress(Tunnel, new AddressSpec { Address = Prefix("10.9.0.2/24") });
        Client.Execute(
            new RouteBatch().AddNeighbour(new Neighbour { LinkIndex = Tunnel, Address = IPAddress.Parse("10.9.0.2"), Mac = Mac }));
        Assert.True(NodeProgram.Pings(Namespace, "10.9.0.2"));
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private static ForwardingEntry Entry(MacAddress mac, string destination) =>
        new() { LinkIndex = Tunnel, Mac = mac, Destination = IPAddress.Parse(destination) };
}
