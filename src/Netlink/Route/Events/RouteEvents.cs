using System.Net;
using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Events;

/// <summary>
/// Tells what there is and then each change, without end. Where the kernel had to drop notifications (ENOBUFS), all is listed anew, so
/// whoever applies every event in order is right again. What happens while it is listed may be told again; the last event of an object
/// counts. One thread uses it at a time.
/// </summary>
/// <example><code>
/// using RouteEvents events = RouteEvents.Open(RouteSubjects.Links);
/// while (events.Next(Timeout.InfiniteTimeSpan, cancellation) is { } change)
/// {
///     if (change is LinkEvent { Kind: RouteEventKind.Added } added) …
/// }
/// </code></example>
public sealed class RouteEvents : IDisposable
{
    private readonly RouteClient _client;
    private readonly NetlinkSocket _notifications;
    private readonly RouteSubjects _subjects;
    private readonly Queue<RouteEvent> _pending = new();

    // What was told, to tell what is new from what has changed. Routes need none: the kernel says so of them.
    private readonly HashSet<int> _links = [];
    private readonly HashSet<(int Link, IpPrefix Address)> _addresses = [];
    private readonly HashSet<(int Link, IPAddress Address, bool IsProxy)> _neighbours = [];
    private readonly HashSet<(int Link, MacAddress Mac, IPAddress? Destination, bool IsOfMaster)> _forwarding = [];
    private bool _isLost = true;

    /// <summary>Takes two sockets of the caller's; both are disposed together with it.</summary>
    /// <param name="client">Lists what there is.</param>
    /// <param name="notifications">Gets the notifications.</param>
    /// <param name="subjects">What to tell of.</param>
    /// <exception cref="LinuxException">A group cannot be joined.</exception>
    public RouteEvents(RouteClient client, NetlinkSocket notifications, RouteSubjects subjects)
    {
        (_client, _notifications, _subjects) = (client, notifications, subjects);
        ReadOnlySpan<(RouteSubjects Subject, int Group)> groups =
        [
            (RouteSubjects.Links, NotificationGroup.Link),
            (RouteSubjects.Addresses, NotificationGroup.IPv4Address),
            (RouteSubjects.Addresses, NotificationGroup.IPv6Address),
            (RouteSubjects.Routes, NotificationGroup.IPv4Route),
            (RouteSubjects.Routes, NotificationGroup.IPv6Route),
            (RouteSubjects.Neighbours, NotificationGroup.Neighbour),
        ];
        foreach ((RouteSubjects subject, int group) in groups)
        {
            if (subjects.HasFlag(subject))
                notifications.Join(group);
        }
        // The same group tells of both.
        if (subjects.HasFlag(RouteSubjects.Forwarding) && !subjects.HasFlag(RouteSubjects.Neighbours))
            notifications.Join(NotificationGroup.Neighbour);
    }

    /// <summary>Starts listening in the calling thread's network namespace.</summary>
    /// <param name="subjects">What to tell of.</param>
    /// <exception cref="LinuxException">The kernel is older than 4.20.</exception>
    public static RouteEvents Open(RouteSubjects subjects) =>
        new(RouteClient.Open(), NetlinkSocket.Open(NetlinkProtocol.Route), subjects);

    /// <summary>Starts listening in a network namespace.</summary>
    /// <inheritdoc cref="Open(RouteSubjects)"/>
    public static RouteEvents Open(NetworkNamespace networkNamespace, RouteSubjects subjects) => networkNamespace.Run(() => Open(subjects));

    /// <summary>Waits for the next event.</summary>
    /// <param name="timeout">How long to wait at most; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null if nothing happened in time.</returns>
    /// <exception cref="NetlinkException">What there is could not be listed; the next call tries again.</exception>
    /// <exception cref="LinuxException">The socket failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RouteEvent? Next(TimeSpan timeout, CancellationToken cancellation = default)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_isLost)
                Resync();
            if (_pending.TryDequeue(out RouteEvent? next))
                return next;
            try
            {
                TimeSpan left = timeout == Timeout.InfiniteTimeSpan
                    ? TimeSpan.FromMilliseconds(int.MaxValue)
                    : timeout - TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
                bool came = _notifications.ReceiveNotifications(left > TimeSpan.Zero ? left : TimeSpan.Zero, Take, cancellation);
                if (!came && timeout != Timeout.InfiniteTimeSpan)
                    return null;
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOBUFS)
            {
                // What is left is older than what was lost.
                _isLost = true;
                _notifications.ForgetNotifications();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notifications.Dispose();
        _client.Dispose();
    }

    private void Resync()
    {
        _links.Clear();
        _addresses.Clear();
        _neighbours.Clear();
        _forwarding.Clear();
        _pending.Clear();
        _pending.Enqueue(new ResyncEvent());
        if (_subjects.HasFlag(RouteSubjects.Links))
            _client.ListLinks().ForEach(AddOrChange);
        if (_subjects.HasFlag(RouteSubjects.Addresses))
            _client.ListAddresses().ForEach(AddOrChange);
        if (_subjects.HasFlag(RouteSubjects.Routes))
            _client.ListRoutes(new RouteFilter()).ForEach(route => _pending.Enqueue(new RoutingEvent(RouteEventKind.Added, route)));
        if (_subjects.HasFlag(RouteSubjects.Neighbours))
            _client.ListNeighbours().ForEach(AddOrChange);
        if (_subjects.HasFlag(RouteSubjects.Forwarding))
            _client.ListForwarding().ForEach(AddOrChange);
        _isLost = false;
    }

    private void Take(ushort type, ushort flags, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            // Of family AF_BRIDGE they tell of ports: one that leaves its bridge is no interface that goes.
            case RouteMessageType.NewLink or RouteMessageType.DeleteLink when payload is [not MessageFamily.Unspecified, ..]:
                break;
            case RouteMessageType.NewLink:
                AddOrChange(LinkParser.Parse(type, payload)!);
                break;
            case RouteMessageType.DeleteLink when LinkParser.Parse(RouteMessageType.NewLink, payload) is { } link
                && _links.Remove(link.Index):
                _pending.Enqueue(new LinkEvent(RouteEventKind.Removed, link));
                break;
            case RouteMessageType.NewAddress when AddressMessage.Parse(type, payload) is { } address:
                AddOrChange(address);
                break;
            case RouteMessageType.DeleteAddress when AddressMessage.Parse(RouteMessageType.NewAddress, payload) is { } address
                && _addresses.Remove((address.LinkIndex, address.Address)):
                _pending.Enqueue(new AddressEvent(RouteEventKind.Removed, address));
                break;
            case RouteMessageType.NewRoute when RouteParser.Parse(type, payload) is { } route:
                bool replaces = (flags & (ushort)NewFlags.Replace) != 0;
                _pending.Enqueue(new RoutingEvent(replaces ? RouteEventKind.Changed : RouteEventKind.Added, route));
                break;
            case RouteMessageType.DeleteRoute when RouteParser.Parse(RouteMessageType.NewRoute, payload) is { } route:
                _pending.Enqueue(new RoutingEvent(RouteEventKind.Removed, route));
                break;
            case RouteMessageType.NewNeighbour or RouteMessageType.DeleteNeighbour when payload is [MessageFamily.Bridge, ..]:
                TakeForwarding(type, payload);
                break;
            case RouteMessageType.NewNeighbour or RouteMessageType.DeleteNeighbour when !_subjects.HasFlag(RouteSubjects.Neighbours):
                break;
            case RouteMessageType.NewNeighbour when NeighbourMessage.Parse(type, payload) is { } neighbour:
                AddOrChange(neighbour);
                break;
            case RouteMessageType.DeleteNeighbour when NeighbourMessage.Parse(RouteMessageType.NewNeighbour, payload) is { } neighbour
                && _neighbours.Remove(KeyOf(neighbour)):
                _pending.Enqueue(new NeighbourEvent(RouteEventKind.Removed, neighbour));
                break;
        }
    }

    private void TakeForwarding(ushort type, ReadOnlySpan<byte> payload)
    {
        if (!_subjects.HasFlag(RouteSubjects.Forwarding)
            || ForwardingMessage.Parse(RouteMessageType.NewNeighbour, payload) is not { } entry)
        {
            return;
        }
        if (type == RouteMessageType.NewNeighbour)
            AddOrChange(entry);
        else if (_forwarding.Remove(KeyOf(entry)))
            _pending.Enqueue(new ForwardingEvent(RouteEventKind.Removed, entry));
    }

    private void AddOrChange(Link link) => _pending.Enqueue(new LinkEvent(KindOf(_links.Add(link.Index)), link));

    private void AddOrChange(InterfaceAddress address) =>
        _pending.Enqueue(new AddressEvent(KindOf(_addresses.Add((address.LinkIndex, address.Address))), address));

    private void AddOrChange(Neighbour neighbour) =>
        _pending.Enqueue(new NeighbourEvent(KindOf(_neighbours.Add(KeyOf(neighbour))), neighbour));

    private void AddOrChange(ForwardingEntry entry) =>
        _pending.Enqueue(new ForwardingEvent(KindOf(_forwarding.Add(KeyOf(entry))), entry));

    private static (int Link, MacAddress Mac, IPAddress? Destination, bool IsOfMaster) KeyOf(ForwardingEntry entry) =>
        (entry.LinkIndex, entry.Mac, entry.Destination, entry.IsOfMaster);

    private static (int Link, IPAddress Address, bool IsProxy) KeyOf(Neighbour neighbour) =>
        (neighbour.LinkIndex, neighbour.Address, neighbour.IsProxy);

    private static RouteEventKind KindOf(bool isNew) => isNew ? RouteEventKind.Added : RouteEventKind.Changed;
}
