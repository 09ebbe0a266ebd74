using System.Net;
using System.Runtime.InteropServices;
using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Route.Routes;

/// <summary>Reads an RTM_NEWROUTE; the layout stands in <see cref="RouteMessage"/>.</summary>
internal static class RouteParser
{
    /// <summary>Bytes of struct rtnexthop.</summary>
    public const int NextHopSize = 8;

    public static RouteSpec? Parse(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != RouteMessageType.NewRoute)
            return null;
        ReadOnlySpan<byte> header = RouteAttributes.Header(payload, RouteMessage.HeaderSize);
        // A dump of all families holds multicast routes and MPLS labels, too.
        if (header[0] is not ((byte)IpFamily.IPv4 or (byte)IpFamily.IPv6))
            return null;
        IPAddress? destination = null, gateway = null, source = null;
        int? output = null;
        uint table = header[4];
        uint? priority = null, mtu = null, advMss = null;
        List<NextHop> hops = [];
        AttributeReader attributes = new(payload[RouteMessage.HeaderSize..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RouteAttribute.Destination: destination = attributes.ReadAddress(); break;
                case RouteAttribute.Gateway: gateway = attributes.ReadAddress(); break;
                case RouteAttribute.Via: gateway = ReadVia(attributes); break;
                case RouteAttribute.OutputInterface: output = attributes.ReadInt32(); break;
                case RouteAttribute.Table: table = attributes.ReadUInt32(); break;
                case RouteAttribute.Priority: priority = attributes.ReadUInt32(); break;
                case RouteAttribute.PreferredSource: source = attributes.ReadAddress(); break;
                case RouteAttribute.Metrics: (mtu, advMss) = ReadMetrics(attributes.ReadNest()); break;
                case RouteAttribute.Multipath: ReadNextHops(attributes.Value, hops); break;
            }
        }
        destination ??= header[0] == (byte)IpFamily.IPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        return new RouteSpec
        {
            Destination = new IpPrefix(destination, header[1]),
            Gateway = gateway,
            OutputIndex = output,
            Table = table,
            Protocol = (RouteProtocol)header[5],
            Scope = (RouteScope)header[6],
            Type = (RouteType)header[7],
            OnLink = ((uint)header.ReadInt32(8) & NextHopFlag.OnLink) != 0,
            Priority = priority,
            PreferredSource = source,
            Mtu = mtu,
            AdvMss = advMss,
            Multipath = hops,
        };
    }

    private static IPAddress ReadVia(AttributeReader attribute) => RouteAttributes.ReadAddress(attribute.ReadFrom(sizeof(ushort)));

    private static (uint? Mtu, uint? AdvMss) ReadMetrics(AttributeReader attributes)
    {
        uint? mtu = null, advMss = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RouteMetricAttribute.Mtu: mtu = attributes.ReadUInt32(); break;
                case RouteMetricAttribute.AdvertisedMss: advMss = attributes.ReadUInt32(); break;
            }
        }
        return (mtu, advMss);
    }

    private static void ReadNextHops(ReadOnlySpan<byte> rest, List<NextHop> hops)
    {
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> header = RouteAttributes.Header(rest, NextHopSize);
            int length = MemoryMarshal.Read<ushort>(header);
            if (length < NextHopSize || length > rest.Length)
                throw new WireFormatException($"a next hop of {length} bytes where {rest.Length} are left", 0);
            IPAddress? gateway = null;
            AttributeReader attributes = new(rest[NextHopSize..length]);
            while (attributes.MoveNext())
            {
                switch (attributes.Type)
                {
                    case RouteAttribute.Gateway: gateway = attributes.ReadAddress(); break;
                    case RouteAttribute.Via: gateway = ReadVia(attributes); break;
                }
            }
            hops.Add(new NextHop
            {
                Gateway = gateway,
                OutputIndex = header.ReadInt32(4),
                Weight = header[3] + 1,
                OnLink = (header[2] & NextHopFlag.OnLink) != 0,
            });
            rest = rest[Math.Min(NetlinkWriter.Align(length), rest.Length)..];
        }
    }
}
