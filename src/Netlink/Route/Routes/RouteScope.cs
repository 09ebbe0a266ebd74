namespace Netlink.Route.Routes;

/// <summary>How far away something is; addresses and routes have one. Source: enum rt_scope_t, linux/rtnetlink.h.</summary>
public enum RouteScope : byte
{
    /// <summary>RT_SCOPE_UNIVERSE: anywhere (<c>global</c> in ip).</summary>
    Universe = 0,

    /// <summary>RT_SCOPE_SITE.</summary>
    Site = 200,

    /// <summary>RT_SCOPE_LINK: on the link itself.</summary>
    Link = 253,

    /// <summary>RT_SCOPE_HOST: this host.</summary>
    Host = 254,

    /// <summary>RT_SCOPE_NOWHERE: does not exist.</summary>
    Nowhere = 255,
}
