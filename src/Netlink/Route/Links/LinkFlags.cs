namespace Netlink.Route.Links;

/// <summary>State of an interface. Source: net_device_flags, linux/if.h.</summary>
[Flags]
public enum LinkFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IFF_UP: switched on.</summary>
    Up = 1 << 0,

    /// <summary>IFF_BROADCAST.</summary>
    Broadcast = 1 << 1,

    /// <summary>IFF_LOOPBACK.</summary>
    Loopback = 1 << 3,

    /// <summary>IFF_POINTOPOINT.</summary>
    PointToPoint = 1 << 4,

    /// <summary>IFF_RUNNING: switched on and its operational state is up or unknown.</summary>
    Running = 1 << 6,

    /// <summary>IFF_NOARP.</summary>
    NoArp = 1 << 7,

    /// <summary>IFF_PROMISC: an administrator asked for every frame; see also <see cref="Link.Promiscuity"/>.</summary>
    Promiscuous = 1 << 8,

    /// <summary>IFF_ALLMULTI: an administrator asked for every multicast frame.</summary>
    AllMulticast = 1 << 9,

    /// <summary>IFF_MULTICAST.</summary>
    Multicast = 1 << 12,

    /// <summary>IFF_LOWER_UP: the carrier is there.</summary>
    LowerUp = 1 << 16,
}
