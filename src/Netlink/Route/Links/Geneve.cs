using System.Net;
using Linux.Addresses;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>A tunnel that carries Ethernet frames in UDP to one other host (GENEVE, RFC 8926).</summary>
public sealed record GeneveSpec : LinkSpec
{
    /// <summary>IFLA_GENEVE_ID: the network's number, at most 24 bits.</summary>
    public required int Id { get; init; }

    /// <summary>IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6: the other host.</summary>
    public required IPAddress Remote { get; init; }

    /// <summary>IFLA_GENEVE_PORT: the UDP port on both hosts; the kernel's default is 6081.</summary>
    public ushort? Port { get; init; }

    /// <summary>IFLA_GENEVE_TTL; 0 for the route's.</summary>
    public byte Ttl { get; init; }

    /// <summary>IFLA_GENEVE_TOS; 1 to inherit it from what is carried.</summary>
    public byte TypeOfService { get; init; }

    /// <inheritdoc/>
    public override string Kind => GeneveLink.Kind;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => GeneveLink.Write(writer, this);
}

/// <summary>What a GENEVE tunnel says of itself.</summary>
public sealed record GeneveState
{
    /// <summary>IFLA_GENEVE_ID.</summary>
    public int Id { get; init; }

    /// <summary>IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6; null if each packet brings it (IFLA_GENEVE_COLLECT_METADATA).</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>IFLA_GENEVE_PORT.</summary>
    public ushort Port { get; init; }

    /// <summary>IFLA_GENEVE_TTL.</summary>
    public byte Ttl { get; init; }

    /// <summary>IFLA_GENEVE_TOS.</summary>
    public byte TypeOfService { get; init; }
}

/// <summary>GENEVE tunnels as bytes.</summary>
public static class GeneveLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "geneve";

    // linux/if_link.h
    private const ushort IFLA_GENEVE_ID = 1;
    private const ushort IFLA_GENEVE_REMOTE = 2;
    private const ushort IFLA_GENEVE_TTL = 3;
    private const ushort IFLA_GENEVE_TOS = 4;
    private const ushort IFLA_GENEVE_PORT = 5;
    private const ushort IFLA_GENEVE_REMOTE6 = 7;
    private const ushort IFLA_GENEVE_LABEL = 11;

    extension(Link link)
    {
        /// <summary>What a GENEVE tunnel says of itself; null for other kinds.</summary>
        public GeneveState? Geneve => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a GENEVE tunnel:
    //   IFLA_GENEVE_ID      u32
    //   IFLA_GENEVE_REMOTE  4 bytes, or IFLA_GENEVE_REMOTE6 16 bytes
    //   IFLA_GENEVE_LABEL   be32  0: no flow label
    //   IFLA_GENEVE_TTL     u8
    //   IFLA_GENEVE_TOS     u8
    //   IFLA_GENEVE_PORT    be16
    internal static void Write(NetlinkWriter writer, GeneveSpec link)
    {
        writer.WriteInt32Attribute(IFLA_GENEVE_ID, link.Id);
        writer.WriteAddressAttribute(link.Remote.IsIPv6 ? IFLA_GENEVE_REMOTE6 : IFLA_GENEVE_REMOTE, link.Remote);
        writer.WriteUInt32BigEndianAttribute(IFLA_GENEVE_LABEL, 0);
        writer.WriteUInt8Attribute(IFLA_GENEVE_TTL, link.Ttl);
        writer.WriteUInt8Attribute(IFLA_GENEVE_TOS, link.TypeOfService);
        if (link.Port is { } port)
            writer.WriteUInt16BigEndianAttribute(IFLA_GENEVE_PORT, port);
    }

    private static GeneveState Read(AttributeReader attributes)
    {
        GeneveState state = new();
        while (attributes.MoveNext())
        {
            state = attributes.Type switch
            {
                IFLA_GENEVE_ID => state with { Id = attributes.ReadInt32() },
                IFLA_GENEVE_REMOTE or IFLA_GENEVE_REMOTE6 => state with { Remote = attributes.ReadAddress() },
                IFLA_GENEVE_PORT => state with { Port = attributes.ReadUInt16BigEndian() },
                IFLA_GENEVE_TTL => state with { Ttl = attributes.ReadUInt8() },
                IFLA_GENEVE_TOS => state with { TypeOfService = attributes.ReadUInt8() },
                _ => state,
            };
        }
        return state;
    }
}
