using System.Net;
using Linux.Addresses;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>
/// A tunnel that carries Ethernet frames in UDP to many hosts (VXLAN, RFC 7348). Which host has which MAC address it learns, or is told by
/// <see cref="ForwardingEntry"/>.
/// </summary>
public sealed record VxlanSpec : LinkSpec
{
    /// <summary>IFLA_VXLAN_ID: the network's number (VNI), at most 24 bits.</summary>
    public required int Id { get; init; }

    /// <summary>IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6: the address that packets leave from; null for the route's.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>
    /// IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6: the host, or with <see cref="Underlay"/> the multicast group, that gets frames whose receiver
    /// is not known; null for none but those that entries of the MAC address 00:00:00:00:00:00 name.
    /// </summary>
    public IPAddress? Remote { get; init; }

    /// <summary>IFLA_VXLAN_LINK: the index of the interface that packets leave by; null for any.</summary>
    public int? Underlay { get; init; }

    /// <summary>IFLA_VXLAN_PORT: the UDP port on all hosts, 4789 by IANA; the kernel's default is 8472.</summary>
    public ushort? Port { get; init; }

    /// <summary>IFLA_VXLAN_LEARNING: remembers which host a sender's MAC address came from.</summary>
    public bool Learning { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => VxlanLink.Kind;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => VxlanLink.Write(writer, this);
}

/// <summary>What a VXLAN tunnel says of itself.</summary>
public sealed record VxlanState
{
    /// <summary>IFLA_VXLAN_ID.</summary>
    public int Id { get; init; }

    /// <summary>IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>IFLA_VXLAN_LINK.</summary>
    public int? Underlay { get; init; }

    /// <summary>IFLA_VXLAN_PORT.</summary>
    public ushort Port { get; init; }

    /// <summary>IFLA_VXLAN_LEARNING.</summary>
    public bool Learning { get; init; }
}

/// <summary>VXLAN tunnels as bytes.</summary>
public static class VxlanLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "vxlan";

    // linux/if_link.h
    private const ushort IFLA_VXLAN_ID = 1;
    private const ushort IFLA_VXLAN_GROUP = 2;
    private const ushort IFLA_VXLAN_LINK = 3;
    private const ushort IFLA_VXLAN_LOCAL = 4;
    private const ushort IFLA_VXLAN_LEARNING = 7;
    private const ushort IFLA_VXLAN_PORT = 15;
    private const ushort IFLA_VXLAN_GROUP6 = 16;
    private const ushort IFLA_VXLAN_LOCAL6 = 17;

    extension(Link link)
    {
        /// <summary>What a VXLAN tunnel says of itself; null for other kinds.</summary>
        public VxlanState? Vxlan => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a VXLAN tunnel:
    //   IFLA_VXLAN_LINK      u32
    //   IFLA_VXLAN_ID        u32
    //   IFLA_VXLAN_LOCAL     4 bytes, or IFLA_VXLAN_LOCAL6 16 bytes
    //   IFLA_VXLAN_GROUP     4 bytes, or IFLA_VXLAN_GROUP6 16 bytes
    //   IFLA_VXLAN_LEARNING  u8
    //   IFLA_VXLAN_PORT      be16
    internal static void Write(NetlinkWriter writer, VxlanSpec link)
    {
        if (link.Underlay is { } underlay)
            writer.WriteInt32Attribute(IFLA_VXLAN_LINK, underlay);
        writer.WriteInt32Attribute(IFLA_VXLAN_ID, link.Id);
        if (link.Local is { } local)
            writer.WriteAddressAttribute(local.IsIPv6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, local);
        if (link.Remote is { } remote)
            writer.WriteAddressAttribute(remote.IsIPv6 ? IFLA_VXLAN_GROUP6 : IFLA_VXLAN_GROUP, remote);
        writer.WriteUInt8Attribute(IFLA_VXLAN_LEARNING, (byte)(link.Learning ? 1 : 0));
        if (link.Port is { } port)
            writer.WriteUInt16BigEndianAttribute(IFLA_VXLAN_PORT, port);
    }

    private static VxlanState Read(AttributeReader attributes)
    {
        VxlanState state = new();
        while (attributes.MoveNext())
        {
            state = attributes.Type switch
            {
                IFLA_VXLAN_ID => state with { Id = attributes.ReadInt32() },
                IFLA_VXLAN_LOCAL or IFLA_VXLAN_LOCAL6 => state with { Local = attributes.ReadAddress() },
                IFLA_VXLAN_GROUP or IFLA_VXLAN_GROUP6 => state with { Remote = attributes.ReadAddress() },
                IFLA_VXLAN_LINK => state with { Underlay = attributes.ReadInt32() },
                IFLA_VXLAN_PORT => state with { Port = attributes.ReadUInt16BigEndian() },
                IFLA_VXLAN_LEARNING => state with { Learning = attributes.ReadBoolean() },
                _ => state,
            };
        }
        return state;
    }
}
