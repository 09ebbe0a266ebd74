using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>A VRF: the interfaces that it is the master of route by its table alone.</summary>
public sealed record VrfSpec : LinkSpec
{
    /// <summary>IFLA_VRF_TABLE, not 0.</summary>
    public required uint Table { get; init; }

    /// <inheritdoc/>
    public override string Kind => VrfLink.Kind;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => VrfLink.Write(writer, this);
}

/// <summary>VRFs as bytes.</summary>
public static class VrfLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "vrf";

    // linux/if_link.h
    private const ushort IFLA_VRF_TABLE = 1;

    extension(Link link)
    {
        /// <summary>IFLA_VRF_TABLE: the routing table of a VRF; null for other kinds.</summary>
        public uint? VrfTable => link.Kind == Kind ? ReadTable(link.Data.Read()) : null;
    }

    // IFLA_INFO_DATA of a VRF:
    //   IFLA_VRF_TABLE u32
    internal static void Write(NetlinkWriter writer, VrfSpec link) => writer.WriteUInt32Attribute(IFLA_VRF_TABLE, link.Table);

    private static uint? ReadTable(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFLA_VRF_TABLE)
                return attributes.ReadUInt32();
        }
        return null;
    }
}
