using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>The frames of one VLAN (802.1Q) on another interface.</summary>
public sealed record VlanSpec : LinkSpec
{
    /// <summary>IFLA_LINK: the index of the interface that carries the tagged frames.</summary>
    public required int Parent { get; init; }

    /// <summary>IFLA_VLAN_ID, 1 to 4094.</summary>
    public required int Id { get; init; }

    /// <inheritdoc/>
    public override string Kind => VlanLink.Kind;

    /// <inheritdoc/>
    public override int? Lower => Parent;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => VlanLink.Write(writer, this);
}

/// <summary>VLAN devices as bytes.</summary>
public static class VlanLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "vlan";

    // linux/if_link.h
    private const ushort IFLA_VLAN_ID = 1;

    extension(Link link)
    {
        /// <summary>IFLA_VLAN_ID; null for other kinds.</summary>
        public int? VlanId => link.Kind == Kind ? ReadId(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a VLAN device:
    //   IFLA_VLAN_ID u16
    internal static void Write(NetlinkWriter writer, VlanSpec link) => writer.WriteUInt16Attribute(IFLA_VLAN_ID, (ushort)link.Id);

    private static int? ReadId(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFLA_VLAN_ID)
                return attributes.ReadUInt16();
        }
        return null;
    }
}
