using System.Net;
using Linux.Addresses;
using Netlink.Wire;

namespace Netlink.Conntrack;

/// <summary>One direction of a connection, of a transport protocol that has ports.</summary>
/// <param name="Source">The sender.</param>
/// <param name="Destination">The receiver.</param>
/// <param name="Protocol">IPPROTO_*.</param>
/// <param name="SourcePort">The sender's port.</param>
/// <param name="DestinationPort">The receiver's port.</param>
public sealed record ConntrackTuple(IPAddress Source, IPAddress Destination, byte Protocol, ushort SourcePort, ushort DestinationPort)
{
    // enum ctattr_tuple, linux/netfilter/nfnetlink_conntrack.h
    private const ushort CTA_TUPLE_IP = 1;
    private const ushort CTA_TUPLE_PROTO = 2;
    private const ushort CTA_TUPLE_ZONE = 3;

    // enum ctattr_ip
    private const ushort CTA_IP_V4_SRC = 1;
    private const ushort CTA_IP_V4_DST = 2;
    private const ushort CTA_IP_V6_SRC = 3;
    private const ushort CTA_IP_V6_DST = 4;

    // enum ctattr_l4proto
    private const ushort CTA_PROTO_NUM = 1;
    private const ushort CTA_PROTO_SRC_PORT = 2;
    private const ushort CTA_PROTO_DST_PORT = 3;

    /// <summary>That of the addresses.</summary>
    public IpFamily Family => Source.Family;

    /// <summary>CTA_TUPLE_ZONE: the zone of this direction, if only one has it.</summary>
    public ushort? Zone { get; init; }

    // CTA_TUPLE_ORIG, CTA_TUPLE_REPLY:
    //   CTA_TUPLE_IP     CTA_IP_V4_SRC, CTA_IP_V4_DST or CTA_IP_V6_SRC, CTA_IP_V6_DST
    //   CTA_TUPLE_PROTO  CTA_PROTO_NUM u8, CTA_PROTO_SRC_PORT be16, CTA_PROTO_DST_PORT be16
    //   CTA_TUPLE_ZONE   be16
    internal void Write(NetlinkWriter writer, ushort type)
    {
        int nest = writer.BeginNest(type);
        int addresses = writer.BeginNest(CTA_TUPLE_IP);
        writer.WriteAttribute(Family.IsIPv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, Source.GetAddressBytes());
        writer.WriteAttribute(Family.IsIPv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, Destination.GetAddressBytes());
        writer.EndNest(addresses);
        int transport = writer.BeginNest(CTA_TUPLE_PROTO);
        writer.WriteUInt8Attribute(CTA_PROTO_NUM, Protocol);
        writer.WriteUInt16BigEndianAttribute(CTA_PROTO_SRC_PORT, SourcePort);
        writer.WriteUInt16BigEndianAttribute(CTA_PROTO_DST_PORT, DestinationPort);
        writer.EndNest(transport);
        if (Zone is { } zone)
            writer.WriteUInt16BigEndianAttribute(CTA_TUPLE_ZONE, zone);
        writer.EndNest(nest);
    }

    /// <summary>Writes what a filter compares: the protocol, and perhaps a port.</summary>
    internal static void WriteFilter(NetlinkWriter writer, ushort type, byte protocol, ushort? destinationPort)
    {
        int nest = writer.BeginNest(type);
        int transport = writer.BeginNest(CTA_TUPLE_PROTO);
        writer.WriteUInt8Attribute(CTA_PROTO_NUM, protocol);
        if (destinationPort is { } port)
            writer.WriteUInt16BigEndianAttribute(CTA_PROTO_DST_PORT, port);
        writer.EndNest(transport);
        writer.EndNest(nest);
    }

    /// <summary>Null for a protocol without ports.</summary>
    internal static ConntrackTuple? Read(AttributeReader attributes)
    {
        (IPAddress? source, IPAddress? destination) = (null, null);
        byte protocol = 0;
        (ushort? sourcePort, ushort? destinationPort) = (null, null);
        ushort? zone = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTA_TUPLE_IP:
                    (source, destination) = ReadAddresses(attributes.ReadNest());
                    break;
                case CTA_TUPLE_PROTO:
                    (protocol, sourcePort, destinationPort) = ReadTransport(attributes.ReadNest());
                    break;
                case CTA_TUPLE_ZONE:
                    zone = attributes.ReadUInt16BigEndian();
                    break;
            }
        }
        return source is null || destination is null || sourcePort is null || destinationPort is null
            ? null
            : new ConntrackTuple(source, destination, protocol, sourcePort.Value, destinationPort.Value) { Zone = zone };
    }

    private static (IPAddress? Source, IPAddress? Destination) ReadAddresses(AttributeReader attributes)
    {
        (IPAddress? source, IPAddress? destination) = (null, null);
        while (attributes.MoveNext())
        {
            if (attributes.Type is CTA_IP_V4_SRC or CTA_IP_V6_SRC)
                source = ReadAddress(attributes, attributes.Type == CTA_IP_V4_SRC ? 4 : 16);
            else if (attributes.Type is CTA_IP_V4_DST or CTA_IP_V6_DST)
                destination = ReadAddress(attributes, attributes.Type == CTA_IP_V4_DST ? 4 : 16);
        }
        return (source, destination);
    }

    private static IPAddress ReadAddress(AttributeReader attribute, int size) => attribute.Value.Length == size
        ? new IPAddress(attribute.Value)
        : throw new WireFormatException($"an address of {attribute.Value.Length} bytes instead of {size}", 0);

    private static (byte Protocol, ushort? SourcePort, ushort? DestinationPort) ReadTransport(AttributeReader attributes)
    {
        byte protocol = 0;
        (ushort? source, ushort? destination) = (null, null);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTA_PROTO_NUM:
                    protocol = attributes.ReadUInt8();
                    break;
                case CTA_PROTO_SRC_PORT:
                    source = attributes.ReadUInt16BigEndian();
                    break;
                case CTA_PROTO_DST_PORT:
                    destination = attributes.ReadUInt16BigEndian();
                    break;
            }
        }
        return (protocol, source, destination);
    }
}
