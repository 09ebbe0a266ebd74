namespace Netlink.Route.Events;

/// <summary>What happened.</summary>
public enum RouteEventKind
{
    /// <summary>What was told until now is void, see <see cref="ResyncEvent"/>.</summary>
    Resync,

    /// <summary>It is there, and was not known.</summary>
    Added,

    /// <summary>It was known; the kernel tells this also where nothing differs that is read.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}
