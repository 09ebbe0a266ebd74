using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;

namespace Netlink.Route.Events;

/// <summary>Something that <see cref="RouteEvents"/> tells.</summary>
/// <param name="Kind">What happened.</param>
public abstract record RouteEvent(RouteEventKind Kind);

/// <summary>
/// What was told until now is void: the events behind this one, of kind <see cref="RouteEventKind.Added"/>, tell all that there is. It is
/// the first event, and comes again whenever the kernel had to drop notifications.
/// </summary>
public sealed record ResyncEvent() : RouteEvent(RouteEventKind.Resync);

/// <summary>An interface.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="Link">As it is now, or was at last.</param>
public sealed record LinkEvent(RouteEventKind Kind, Link Link) : RouteEvent(Kind);

/// <summary>An address of an interface.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="Address">As it is now, or was at last.</param>
public sealed record AddressEvent(RouteEventKind Kind, InterfaceAddress Address) : RouteEvent(Kind);

/// <summary>A route.</summary>
/// <param name="Kind">What happened to it; one that takes another's place is <see cref="RouteEventKind.Changed"/>.</param>
/// <param name="Route">As it is now, or was at last.</param>
public sealed record RoutingEvent(RouteEventKind Kind, RouteSpec Route) : RouteEvent(Kind);

/// <summary>A neighbour.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="Neighbour">As it is now, or was at last.</param>
public sealed record NeighbourEvent(RouteEventKind Kind, Neighbour Neighbour) : RouteEvent(Kind);

/// <summary>A forwarding entry of a VXLAN or a bridge.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="Entry">As it is now, or was at last.</param>
public sealed record ForwardingEvent(RouteEventKind Kind, ForwardingEntry Entry) : RouteEvent(Kind);
