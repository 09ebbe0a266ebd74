using System.Net;
using Netlink.Route.Addresses;
using Netlink.Route.Events;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Agent.Overlay;

/// <summary>
/// Tells events that may concern the overlay from those of pods that come and go, of which a busy node has hundreds a second. It is
/// replaced as a whole and never changed, since another thread looks at it.
/// </summary>
/// <param name="Own">This node's addresses.</param>
/// <param name="Peers">Those of the other nodes.</param>
/// <param name="Devices">The indexes of our devices.</param>
/// <param name="Links">The indexes of the interfaces by which the other nodes are reached.</param>
internal sealed record OverlayWatch(
    IReadOnlyCollection<IPAddress> Own,
    IReadOnlyCollection<IPAddress> Peers,
    IReadOnlyCollection<int> Devices,
    IReadOnlyCollection<int> Links)
{
    /// <summary>Whether there is a WireGuard tunnel to be looked at.</summary>
    public bool HasWireGuard { get; init; }

    /// <summary>What to listen to.</summary>
    public const RouteSubjects Subjects = RouteSubjects.All;

    /// <summary>Whether something may be otherwise than wanted now.</summary>
    public bool Concerns(RouteEvent change) => change switch
    {
        ResyncEvent => true,
        LinkEvent { Link: { } link } => Concerns(link),
        AddressEvent { Address: { } address } => Concerns(address),
        RoutingEvent { Route: { } route } => Concerns(route),
        NeighbourEvent { Neighbour.LinkIndex: var index } => Devices.Contains(index),
        ForwardingEvent { Entry.LinkIndex: var index } => Devices.Contains(index),
        _ => false,
    };

    private bool Concerns(Link link) =>
        Devices.Contains(link.Index) || Links.Contains(link.Index)
        || link.Name.StartsWith(TunnelDevice.NamePrefix, StringComparison.Ordinal)
        || link.Name.StartsWith(WireGuardTunnel.NamePrefix, StringComparison.Ordinal);

    private bool Concerns(InterfaceAddress address) =>
        Devices.Contains(address.LinkIndex) || Own.Contains(address.Address.Address);

    /// <summary>A route of ours, or one by which a node may be reached from now on, or no longer.</summary>
    private bool Concerns(RouteSpec route) =>
        route.Protocol == OverlayRouting.Protocol || Peers.Any(peer => route.Destination.Contains(peer));
}
