using System.Net;
using System.Text.Json;
using Linux.Addresses;

namespace Cni;

/// <summary>A route in the container, in a result and in the configuration of IPAM plugins.</summary>
public sealed record CniRoute
{
    public IpPrefix Destination { get; set; }

    /// <summary>
    /// The next hop; null means the first gateway of the family among the result's addresses, and <c>0.0.0.0</c> or <c>::</c> that there is
    /// none, since the destination is on the link.
    /// </summary>
    public IPAddress? Gateway { get; set; }

    /// <summary>In bytes; null or 0 is the interface's (1.1.0).</summary>
    public uint? Mtu { get; set; }

    /// <summary>TCP's segment size in bytes; null or 0 is the kernel's choice (1.1.0).</summary>
    public uint? AdvMss { get; set; }

    /// <summary>The metric, lower is preferred (1.1.0).</summary>
    public int? Priority { get; set; }

    /// <summary>The routing table; null is main (1.1.0).</summary>
    public int? Table { get; set; }

    /// <summary>rtm_scope of linux/rtnetlink.h: 0 global, 253 link, 254 host (1.1.0).</summary>
    public int? Scope { get; set; }

    public UnknownMembers? Unknown { get; set; }

    /// <summary>False where the gateway is of the other address family than the destination, which no plugin here can set up.</summary>
    public bool IsOfOneFamily => Gateway is null || Gateway.IsIPv6 == Destination.IsIPv6;

    /// <summary>Whether the route says that its destination is on the link.</summary>
    public bool IsOnLink => Gateway is not null && (Gateway.Equals(IPAddress.Any) || Gateway.Equals(IPAddress.IPv6Any));

    /// <summary>Reads the list of routes on which a cursor stands.</summary>
    public static List<CniRoute> ReadList(ref JsonCursor cursor)
    {
        List<CniRoute> routes = [];
        cursor.EnterArray();
        while (cursor.NextElement())
            routes.Add(Read(ref cursor));
        return routes;
    }

    /// <summary>Reads the route on which a cursor stands.</summary>
    public static CniRoute Read(ref JsonCursor cursor)
    {
        IpPrefix? destination = null;
        CniRoute route = new();
        UnknownMembers? unknown = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("dst"u8))
                destination = cursor.Prefix();
            else if (cursor.Is("gw"u8))
                route.Gateway = cursor.Address();
            else if (cursor.Is("mtu"u8))
                route.Mtu = cursor.UInt32();
            else if (cursor.Is("advmss"u8))
                route.AdvMss = cursor.UInt32();
            else if (cursor.Is("priority"u8))
                route.Priority = cursor.Int32();
            else if (cursor.Is("table"u8))
                route.Table = cursor.Int32();
            else if (cursor.Is("scope"u8))
                route.Scope = cursor.Int32();
            else
                UnknownMembers.Keep(ref unknown, ref cursor);
        }
        route.Destination = destination ?? throw cursor.Lacks("dst");
        route.Unknown = unknown;
        return route;
    }

    /// <summary>Writes the route; libcni leaves the keys of 1.1.0 in results of 0.3.0 and newer, and so do we.</summary>
    internal void WriteTo(Utf8JsonWriter writer, ResultFamily family)
    {
        writer.WriteStartObject();
        writer.WriteString("dst"u8, Destination.ToString());
        if (Gateway is not null)
            writer.WriteString("gw"u8, IpText.Format(Gateway));
        if (family != ResultFamily.Ip4AndIp6)
        {
            if (Mtu is > 0)
                writer.WriteNumber("mtu"u8, Mtu.Value);
            if (AdvMss is > 0)
                writer.WriteNumber("advmss"u8, AdvMss.Value);
            if (Priority is { } priority and not 0)
                writer.WriteNumber("priority"u8, priority);
            if (Table is { } table)
                writer.WriteNumber("table"u8, table);
            if (Scope is { } scope)
                writer.WriteNumber("scope"u8, scope);
            Unknown?.WriteTo(writer);
        }
        writer.WriteEndObject();
    }
}
