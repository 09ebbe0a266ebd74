using System.Net;
using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Route.Routes;

/// <summary>Route messages as they are sent (RTM_NEWROUTE and its kin).</summary>
internal static class RouteMessage
{
    /// <summary>Bytes of struct rtmsg.</summary>
    public const int HeaderSize = 12;

    // RTM_NEWROUTE and RTM_DELROUTE:
    //   struct rtmsg, linux/rtnetlink.h
    //     u8  rtm_family
    //     u8  rtm_dst_len
    //     u8  rtm_src_len   0
    //     u8  rtm_tos       0
    //     u8  rtm_table     0 (RT_TABLE_UNSPEC) if the number needs RTA_TABLE
    //     u8  rtm_protocol
    //     u8  rtm_scope
    //     u8  rtm_type
    //     u32 rtm_flags     RTNH_F_ONLINK
    //   RTA_DST       4 or 16 bytes, unless it is a default route
    //   RTA_GATEWAY   4 or 16 bytes
    //   RTA_OIF       u32
    //   RTA_TABLE     u32, if above 255
    //   RTA_PRIORITY  u32
    //   RTA_PREFSRC   4 or 16 bytes
    //   RTA_METRICS   nest
    //     RTAX_MTU    u32
    //     RTAX_ADVMSS u32
    //   RTA_MULTIPATH see WriteNextHop
    public static void Write(NetlinkWriter writer, RouteSpec route, RouteScope scope, RouteProtocol protocol, RouteType type)
    {
        WriteHeader(
            writer,
            (byte)MessageFamily.Of(route.Destination.Address),
            route.Destination.Length,
            route.Table,
            protocol,
            scope,
            type,
            route.OnLink ? NextHopFlag.OnLink : 0);
        bool isIPv6 = route.Destination.IsIPv6;
        if (route.Destination.Length > 0)
            writer.WriteAddressAttribute(RouteAttribute.Destination, route.Destination.Address);
        if (route.Gateway is { } gateway)
            WriteGateway(writer, gateway, isIPv6);
        if (route.OutputIndex is { } index)
            writer.WriteInt32Attribute(RouteAttribute.OutputInterface, index);
        if (route.Table > byte.MaxValue)
            writer.WriteUInt32Attribute(RouteAttribute.Table, route.Table);
        if (route.Priority is { } priority)
            writer.WriteUInt32Attribute(RouteAttribute.Priority, priority);
        if (route.PreferredSource is { } source)
            writer.WriteAddressAttribute(RouteAttribute.PreferredSource, source);
        WriteMetrics(writer, route);
        if (route.Multipath.Count == 0)
            return;
        int multipath = writer.BeginAttribute(RouteAttribute.Multipath);
        foreach (NextHop hop in route.Multipath)
            WriteNextHop(writer, hop, isIPv6);
        writer.EndNest(multipath);
    }

    // RTM_GETROUTE with NLM_F_DUMP; under the strict check table, protocol, type and these attributes are filters:
    //   struct rtmsg
    //   RTA_TABLE u32
    //   RTA_OIF   u32
    public static void WriteDump(NetlinkWriter writer, RouteFilter filter)
    {
        byte family = (byte)(filter.EffectiveFamily ?? 0);
        WriteHeader(writer, family, 0, filter.Table ?? 0, filter.Protocol ?? 0, 0, filter.Type ?? 0, 0);
        if (filter.Table is { } table)
            writer.WriteUInt32Attribute(RouteAttribute.Table, table);
        if (filter.OutputIndex is { } index)
            writer.WriteInt32Attribute(RouteAttribute.OutputInterface, index);
    }

    // RTM_GETROUTE:
    //   struct rtmsg
    //   RTA_DST  4 or 16 bytes
    public static void WriteLookup(NetlinkWriter writer, IPAddress destination)
    {
        WriteHeader(writer, (byte)MessageFamily.Of(destination), IpPrefix.Host(destination).Length, 0, 0, 0, 0, 0);
        writer.WriteAddressAttribute(RouteAttribute.Destination, destination);
    }

    /// <summary>The scope that a new route gets unless told (as iproute2's iproute.c decides it).</summary>
    public static RouteScope DefaultScope(RouteSpec route)
    {
        if (route.Destination.IsIPv6)
            return RouteScope.Universe;
        return route.Type switch
        {
            RouteType.Local => RouteScope.Host,
            RouteType.Broadcast or RouteType.Multicast or RouteType.Anycast => RouteScope.Link,
            null or RouteType.Unicast or RouteType.Unspecified when route.Gateway is null && route.Multipath.Count == 0 => RouteScope.Link,
            _ => RouteScope.Universe,
        };
    }

    private static void WriteHeader(
        NetlinkWriter writer,
        byte family,
        int destinationLength,
        uint table,
        RouteProtocol protocol,
        RouteScope scope,
        RouteType type,
        uint flags)
    {
        writer.WriteUInt8(family);
        writer.WriteUInt8((byte)destinationLength);
        writer.WriteUInt8(0);
        writer.WriteUInt8(0);
        writer.WriteUInt8((byte)(table <= byte.MaxValue ? table : 0));
        writer.WriteUInt8((byte)protocol);
        writer.WriteUInt8((byte)scope);
        writer.WriteUInt8((byte)type);
        writer.WriteUInt32(flags);
    }

    private static void WriteMetrics(NetlinkWriter writer, RouteSpec route)
    {
        if (route.Mtu is null && route.AdvMss is null)
            return;
        int metrics = writer.BeginNest(RouteAttribute.Metrics);
        if (route.Mtu is { } mtu)
            writer.WriteUInt32Attribute(RouteMetricAttribute.Mtu, mtu);
        if (route.AdvMss is { } advMss)
            writer.WriteUInt32Attribute(RouteMetricAttribute.AdvertisedMss, advMss);
        writer.EndNest(metrics);
    }

    // struct rtnexthop, linux/rtnetlink.h:
    //   u16 rtnh_len      of this header and its attributes, patched by EndNest
    //   u8  rtnh_flags    RTNH_F_ONLINK
    //   u8  rtnh_hops     weight - 1
    //   s32 rtnh_ifindex
    //   RTA_GATEWAY or RTA_VIA
    private static void WriteNextHop(NetlinkWriter writer, NextHop hop, bool isIPv6)
    {
        int token = writer.BeginRecord();
        writer.WriteUInt8((byte)(hop.OnLink ? NextHopFlag.OnLink : 0));
        writer.WriteUInt8((byte)(hop.Weight - 1));
        writer.WriteInt32(hop.OutputIndex);
        if (hop.Gateway is { } gateway)
            WriteGateway(writer, gateway, isIPv6);
        writer.EndNest(token);
    }

    // A gateway of the route's family is RTA_GATEWAY; of the other it is RTA_VIA, struct rtvia:
    //   u16 rtvia_family
    //   u8  rtvia_addr[]
    private static void WriteGateway(NetlinkWriter writer, IPAddress gateway, bool isIPv6)
    {
        if (gateway.IsIPv6 == isIPv6)
        {
            writer.WriteAddressAttribute(RouteAttribute.Gateway, gateway);
            return;
        }
        int via = writer.BeginAttribute(RouteAttribute.Via);
        writer.WriteUInt16((ushort)MessageFamily.Of(gateway));
        writer.WriteAddress(gateway);
        writer.EndNest(via);
    }
}
