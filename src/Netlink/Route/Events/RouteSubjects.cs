namespace Netlink.Route.Events;

/// <summary>What to tell of.</summary>
[Flags]
public enum RouteSubjects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Interfaces: <see cref="LinkEvent"/>.</summary>
    Links = 1 << 0,

    /// <summary>Their addresses: <see cref="AddressEvent"/>.</summary>
    Addresses = 1 << 1,

    /// <summary>Routes of all tables: <see cref="RoutingEvent"/>.</summary>
    Routes = 1 << 2,

    /// <summary>Neighbours, those on interfaces that have no ARP included: <see cref="NeighbourEvent"/>.</summary>
    Neighbours = 1 << 3,

    /// <summary>Forwarding entries of VXLANs and bridges: <see cref="ForwardingEvent"/>.</summary>
    Forwarding = 1 << 4,

    /// <summary>All of them.</summary>
    All = Links | Addresses | Routes | Neighbours | Forwarding,
}
