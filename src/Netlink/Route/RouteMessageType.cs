namespace Netlink.Route;

/// <summary>nlmsg_type of rtnetlink messages. Source: linux/rtnetlink.h.</summary>
internal static class RouteMessageType
{
    /// <summary>RTM_NEWLINK.</summary>
    public const ushort NewLink = 16;

    /// <summary>RTM_DELLINK.</summary>
    public const ushort DeleteLink = 17;

    /// <summary>RTM_GETLINK.</summary>
    public const ushort GetLink = 18;

    /// <summary>RTM_SETLINK.</summary>
    public const ushort SetLink = 19;

    /// <summary>RTM_NEWADDR.</summary>
    public const ushort NewAddress = 20;

    /// <summary>RTM_DELADDR.</summary>
    public const ushort DeleteAddress = 21;

    /// <summary>RTM_GETADDR.</summary>
    public const ushort GetAddress = 22;

    /// <summary>RTM_NEWROUTE.</summary>
    public const ushort NewRoute = 24;

    /// <summary>RTM_DELROUTE.</summary>
    public const ushort DeleteRoute = 25;

    /// <summary>RTM_GETROUTE.</summary>
    public const ushort GetRoute = 26;

    /// <summary>RTM_NEWNEIGH.</summary>
    public const ushort NewNeighbour = 28;

    /// <summary>RTM_DELNEIGH.</summary>
    public const ushort DeleteNeighbour = 29;

    /// <summary>RTM_GETNEIGH.</summary>
    public const ushort GetNeighbour = 30;

    /// <summary>RTM_NEWRULE.</summary>
    public const ushort NewRule = 32;

    /// <summary>RTM_DELRULE.</summary>
    public const ushort DeleteRule = 33;

    /// <summary>RTM_GETRULE.</summary>
    public const ushort GetRule = 34;

    /// <summary>RTM_NEWLINKPROP.</summary>
    public const ushort NewLinkProperty = 108;

    /// <summary>RTM_DELLINKPROP.</summary>
    public const ushort DeleteLinkProperty = 109;

    /// <summary>RTM_NEWQDISC.</summary>
    public const ushort NewQdisc = 36;

    /// <summary>RTM_DELQDISC.</summary>
    public const ushort DeleteQdisc = 37;

    /// <summary>RTM_GETQDISC.</summary>
    public const ushort GetQdisc = 38;

    /// <summary>RTM_NEWTFILTER.</summary>
    public const ushort NewFilter = 44;

    /// <summary>RTM_DELTFILTER.</summary>
    public const ushort DeleteFilter = 45;

    /// <summary>RTM_GETTFILTER.</summary>
    public const ushort GetFilter = 46;
}
