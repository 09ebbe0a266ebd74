namespace Netlink.Route.Links;

/// <summary>Whether an interface can pass packets (RFC 2863). Source: linux/if.h.</summary>
public enum OperationalState : byte
{
    /// <summary>IF_OPER_UNKNOWN: the driver does not tell, as lo and dummy do not; count it as up.</summary>
    Unknown = 0,

    /// <summary>IF_OPER_NOTPRESENT.</summary>
    NotPresent = 1,

    /// <summary>IF_OPER_DOWN.</summary>
    Down = 2,

    /// <summary>IF_OPER_LOWERLAYERDOWN: the other end of a veth, or the device below, is down.</summary>
    LowerLayerDown = 3,

    /// <summary>IF_OPER_TESTING.</summary>
    Testing = 4,

    /// <summary>IF_OPER_DORMANT: waits for something outside, such as authentication.</summary>
    Dormant = 5,

    /// <summary>IF_OPER_UP.</summary>
    Up = 6,
}
