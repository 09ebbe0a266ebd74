namespace Netlink.Route.Routes;

/// <summary>Tables that every kernel has; others are just numbers. Source: enum rt_class_t, linux/rtnetlink.h.</summary>
public static class RouteTable
{
    /// <summary>RT_TABLE_DEFAULT: looked up last; empty unless somebody fills it.</summary>
    public const uint Default = 253;

    /// <summary>RT_TABLE_MAIN: where routes go unless told otherwise.</summary>
    public const uint Main = 254;

    /// <summary>RT_TABLE_LOCAL: the host's own and broadcast addresses, kept by the kernel.</summary>
    public const uint Local = 255;
}
