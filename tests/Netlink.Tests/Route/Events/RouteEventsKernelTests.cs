using System.Net;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Events;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using TestKit;

namespace Netlink.Tests.Route.Events;

public sealed class RouteEventsKernelTests : KernelTest
{
    private const int Near = 100;
    private const int Far = 200;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly MacAddress Mac = new([2, 0, 0, 0, 0, 9]);

    [Fact]
    public void What_there_is_comes_first()
    {
        CreatePair();
        using RouteEvents events = RouteEvents.Open(Namespace, RouteSubjects.Links);
        Assert.IsType<ResyncEvent>(events.Next(Long));
        Assert.Equal(["lo", "a", "b"], Present(events, 3).OrderBy(static link => link.Index).Select(static link => link.Name));
        Assert.Null(events.Next(TimeSpan.Zero));
    }

    [Fact]
    public void A_link_is_added_changed_and_removed()
    {
        using RouteEvents events = Opened(RouteSubjects.Links);
        CreatePair();
        _ = Until<LinkEvent>(events, change => change is { Kind: RouteEventKind.Added, Link: { Name: "a", Kind: "veth" } });
        Client.SetLink(Near, new LinkChange { Mtu = 1300 });
        _ = Until<LinkEvent>(events, change => change is { Kind: RouteEventKind.Changed, Link: { Index: Near, Mtu: 1300 } });
        Assert.True(Client.TryDeleteLink(Near));
        _ = Until<LinkEvent>(events, change => change is { Kind: RouteEventKind.Removed, Link.Index: Near });
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_removed()
    {
        CreatePair();
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 500 });
        Client.SetLink(Near, new LinkChange { Master = 500 });
        using RouteEvents events = Opened(RouteSubjects.Links);
        Client.SetLink(Near, new LinkChange { Master = 0 });
        Client.SetLink(Near, new LinkChange { Alias = "last" });
        List<RouteEvent> told = Until<LinkEvent>(events, static change => change.Link.Alias == "last");
        Assert.DoesNotContain(told, static change => change.Kind == RouteEventKind.Removed);
        Assert.Contains(
            told, static change => change is LinkEvent { Kind: RouteEventKind.Changed, Link: { Index: Near, MasterIndex: null } });
    }

    [Fact]
    public void Addresses_routes_and_neighbours_are_told()
    {
        CreatePair();
        Client.SetLink(Far, new LinkChange { Up = true });
        using RouteEvents events = Opened(RouteSubjects.Addresses | RouteSubjects.Routes | RouteSubjects.Neighbours);
        Client.AddAddress(Near, new AddressSpec { Address = Prefix("10.1.0.1/24") });
        _ = Until<AddressEvent>(
            events, static change => change.Kind == RouteEventKind.Added && change.Address.Address == Prefix("10.1.0.1/24"));

        RouteSpec route =
            new() { Destination = Prefix("192.0.2.0/24"), Gateway = IPAddress.Parse("10.1.0.2"), Protocol = RouteProtocol.Static };
        Client.AddRoute(route);
        _ = Until<RoutingEvent>(events, change => change.Kind == RouteEventKind.Added && change.Route.Destination == route.Destination);
        Client.ReplaceRoute(route with { Gateway = IPAddress.Parse("10.1.0.3") });
        _ = Until<RoutingEvent>(
            events, static change => change.Kind == RouteEventKind.Changed && Equals(change.Route.Gateway, IPAddress.Parse("10.1.0.3")));
        Client.DeleteRoute(new RouteSpec { Destination = route.Destination });
        _ = Until<RoutingEvent>(events, change => change.Kind == RouteEventKind.Removed && change.Route.Destination == route.Destination);

        Neighbour neighbour = new() { LinkIndex = Near, Address = IPAddress.Parse("10.1.0.9"), Mac = Mac };
        Client.Execute(new RouteBatch().AddNeighbour(neighbour));
        _ = Until<NeighbourEvent>(events, change => change is { Kind: RouteEventKind.Added } && change.Neighbour == neighbour);
        Client.Execute(new RouteBatch().DeleteNeighbour(neighbour));
        _ = Until<NeighbourEvent>(
            events, change => change.Kind == RouteEventKind.Removed && change.Neighbour.Address.Equals(neighbour.Address));

        Client.DeleteAddress(Near, Prefix("10.1.0.1/24"));
        _ = Until<AddressEvent>(events, static change => change.Kind == RouteEventKind.Removed);
    }

    [Fact]
    public void Forwarding_entries_are_told_and_neighbours_beside_them_are_not()
    {
        CreatePair();
        Client.CreateLink(new VxlanSpec { Name = "vx0", Index = 700, Up = true, Id = 42, Port = 4789, Learning = false });
        ForwardingEntry entry = new() { LinkIndex = 700, Mac = Mac, Destination = IPAddress.Parse("10.0.0.9") };
        Client.Execute(new RouteBatch().AddForwarding(entry));
        using RouteEvents events = RouteEvents.Open(Namespace, RouteSubjects.Forwarding);
        _ = Until<ForwardingEvent>(events, change => change.Kind == RouteEventKind.Added && change.Entry == entry);
        ForwardingEntry moved = entry with { Destination = IPAddress.Parse("10.0.0.10") };
        Client.Execute(
            new RouteBatch()
                .AddNeighbour(new Neighbour { LinkIndex = Near, Address = IPAddress.Parse("10.1.0.9"), Mac = Mac })
                .ReplaceForwarding(moved)
                .DeleteForwarding(moved));
        List<RouteEvent> told = Until<ForwardingEvent>(
            events, change => change.Kind == RouteEventKind.Removed && change.Entry.Destination!.Equals(moved.Destination));
        Assert.DoesNotContain(told, static change => change is NeighbourEvent);
    }

    [Fact]
    public void After_a_loss_the_present_state_is_told_anew()
    {
        CreatePair();
        NetlinkSocket notifications = NetlinkSocket.Open(NetlinkProtocol.Route, Namespace);
        using RouteEvents events = new(RouteClient.Open(Namespace), notifications, RouteSubjects.Links);
        Assert.IsType<ResyncEvent>(events.Next(Long));
        _ = Present(events, 3);
        // More than the receive buffer holds (ENOBUFS); what fits in are the first changes, and the deletion is lost.
        for (int i = 0; i < 2000; i++)
            Client.SetLink(Far, new LinkChange { Mtu = 1400 + (i % 2) });
        Assert.True(Client.TryDeleteLink(Near));
        // The kernel tells of a new alias only where the interface is up.
        Client.CreateLink(new BridgeSpec { Name = "br0", Index = 500, Up = true });

        Assert.IsType<ResyncEvent>(events.Next(Long));
        Assert.Equal(["br0", "lo"], Present(events, 2).Select(static link => link.Name).Order(StringComparer.Ordinal));
        // Nothing older comes behind it, and what is new does.
        Assert.Null(events.Next(TimeSpan.Zero));
        Client.SetLink(500, new LinkChange { Alias = "later" });
        _ = Until<LinkEvent>(events, static change => change is { Kind: RouteEventKind.Changed, Link.Alias: "later" });
    }

    [Fact]
    public void A_wait_ends_when_it_is_cancelled()
    {
        using RouteEvents events = Opened(RouteSubjects.Links);
        using CancellationTokenSource source = new();
        using ManualResetEventSlim waits = new();
        Thread canceller = new(() =>
        {
            waits.Wait();
            source.Cancel();
        });
        canceller.Start();
        waits.Set();
        Assert.Throws<OperationCanceledException>(() => events.Next(Timeout.InfiniteTimeSpan, source.Token));
        canceller.Join();
        Assert.Throws<OperationCanceledException>(() => events.Next(Long, source.Token));
        CreatePair();
        _ = Until<LinkEvent>(events, static change => change.Kind == RouteEventKind.Added);
    }

    private void CreatePair() => Client.CreateLink(
        new VethSpec { Name = "a", Index = Near, Up = true, Peer = new VethPeer { Name = "b", Index = Far } });

    /// <summary>Events behind those of what there is.</summary>
    private RouteEvents Opened(RouteSubjects subjects)
    {
        RouteEvents events = RouteEvents.Open(Namespace, subjects);
        while (events.Next(TimeSpan.Zero) is not null)
        {
        }
        return events;
    }

    private static List<Link> Present(RouteEvents events, int count)
    {
        List<Link> links = [];
        for (int i = 0; i < count; i++)
        {
            LinkEvent change = Assert.IsType<LinkEvent>(events.Next(Long));
            Assert.Equal(RouteEventKind.Added, change.Kind);
            links.Add(change.Link);
        }
        return links;
    }

    /// <summary>All events up to the one that is waited for.</summary>
    private static List<RouteEvent> Until<T>(RouteEvents events, Func<T, bool> isAwaited)
        where T : RouteEvent
    {
        List<RouteEvent> told = [];
        while (events.Next(Long) is { } next)
        {
            told.Add(next);
            if (next is T change && isAwaited(change))
                return told;
        }
        Assert.Fail($"did not come; these did:\n{string.Join('\n', told)}");
        return told;
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
