using Netlink.Route.Routes;
using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>A learning bridge.</summary>
public sealed record BridgeSpec : LinkSpec
{
    /// <summary>IFLA_BR_VLAN_FILTERING: heeds VLAN tags; EOPNOTSUPP on a kernel without CONFIG_BRIDGE_VLAN_FILTERING.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>IFLA_BR_VLAN_DEFAULT_PVID: the VLAN that every new port is in, untagged; 0 for none. The kernel's default is 1.</summary>
    public int? DefaultPvid { get; init; }

    /// <inheritdoc/>
    public override string Kind => BridgeLink.Kind;

    /// <inheritdoc/>
    protected internal override void WriteData(NetlinkWriter writer) => BridgeLink.Write(writer, VlanFiltering, DefaultPvid);
}

/// <summary>Settings of a bridge.</summary>
public sealed record BridgeState
{
    /// <summary>IFLA_BR_VLAN_FILTERING; false also on a kernel without CONFIG_BRIDGE_VLAN_FILTERING.</summary>
    public bool VlanFiltering { get; init; }

    /// <summary>IFLA_BR_VLAN_DEFAULT_PVID: the VLAN that every new port is in; 0 for none.</summary>
    public int DefaultPvid { get; init; }
}

/// <summary>Settings of a bridge's port.</summary>
public sealed record BridgePortState
{
    /// <summary>IFLA_BRPORT_MODE.</summary>
    public bool Hairpin { get; init; }

    /// <summary>IFLA_BRPORT_ISOLATED.</summary>
    public bool Isolated { get; init; }
}

/// <summary>Bridges and their ports as bytes.</summary>
public static class BridgeLink
{
    /// <summary>IFLA_INFO_KIND.</summary>
    public const string Kind = "bridge";

    // linux/if_link.h
    private const ushort IFLA_BR_VLAN_FILTERING = 7;
    private const ushort IFLA_BR_VLAN_DEFAULT_PVID = 39;
    private const ushort IFLA_BRPORT_MODE = 4;
    private const ushort IFLA_BRPORT_ISOLATED = 33;

    extension(Link link)
    {
        /// <summary>What a bridge says of itself; null for other kinds.</summary>
        public BridgeState? Bridge => link.Kind == Kind && !link.Data.IsEmpty ? Read(link.Data.Read()) : null;

        /// <summary>What its bridge says of it; null if it is not a port of one.</summary>
        public BridgePortState? Port => link.PortKind == Kind && !link.PortData.IsEmpty ? ReadPort(link.PortData.Read()) : null;
    }

    // IFLA_INFO_DATA of a bridge:
    //   IFLA_BR_VLAN_FILTERING    u8
    //   IFLA_BR_VLAN_DEFAULT_PVID u16
    internal static void Write(NetlinkWriter writer, bool? vlanFiltering, int? defaultPvid)
    {
        if (vlanFiltering is { } filtering)
            writer.WriteUInt8Attribute(IFLA_BR_VLAN_FILTERING, (byte)(filtering ? 1 : 0));
        if (defaultPvid is { } pvid)
            writer.WriteUInt16Attribute(IFLA_BR_VLAN_DEFAULT_PVID, (ushort)pvid);
    }

    // IFLA_LINKINFO of a change:
    //   IFLA_INFO_KIND       "bridge", of a bridge
    //   IFLA_INFO_DATA       of a bridge
    //   IFLA_INFO_SLAVE_DATA of a bridge's port; the kernel knows the kind of its master
    //     IFLA_BRPORT_MODE     u8
    //     IFLA_BRPORT_ISOLATED u8
    internal static void WriteChange(NetlinkWriter writer, LinkChange change)
    {
        bool ofBridge = change.VlanFiltering is not null || change.DefaultPvid is not null;
        bool ofPort = change.Hairpin is not null || change.Isolated is not null;
        if (!ofBridge && !ofPort)
            return;
        int info = writer.BeginNest(LinkAttribute.LinkInfo);
        if (ofBridge)
        {
            writer.WriteStringAttribute(LinkInfoAttribute.Kind, Kind);
            int data = writer.BeginNest(LinkInfoAttribute.Data);
            Write(writer, change.VlanFiltering, change.DefaultPvid);
            writer.EndNest(data);
        }
        if (ofPort)
        {
            int data = writer.BeginNest(LinkInfoAttribute.PortData);
            if (change.Hairpin is { } hairpin)
                writer.WriteUInt8Attribute(IFLA_BRPORT_MODE, (byte)(hairpin ? 1 : 0));
            if (change.Isolated is { } isolated)
                writer.WriteUInt8Attribute(IFLA_BRPORT_ISOLATED, (byte)(isolated ? 1 : 0));
            writer.EndNest(data);
        }
        writer.EndNest(info);
    }

    private static BridgeState Read(AttributeReader attributes)
    {
        bool vlanFiltering = false;
        int defaultPvid = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_BR_VLAN_FILTERING: vlanFiltering = attributes.ReadBoolean(); break;
                case IFLA_BR_VLAN_DEFAULT_PVID: defaultPvid = attributes.ReadUInt16(); break;
            }
        }
        return new BridgeState { VlanFiltering = vlanFiltering, DefaultPvid = defaultPvid };
    }

    private static BridgePortState ReadPort(AttributeReader attributes)
    {
        bool hairpin = false, isolated = false;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_BRPORT_MODE: hairpin = attributes.ReadBoolean(); break;
                case IFLA_BRPORT_ISOLATED: isolated = attributes.ReadBoolean(); break;
            }
        }
        return new BridgePortState { Hairpin = hairpin, Isolated = isolated };
    }
}
