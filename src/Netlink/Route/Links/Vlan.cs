using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>The frames of one VLAN (802.1Q) on another interface.</summary>
public sealed record VlanSpec : LinkSpec
{
    /// <summary>IFLA_LINK: the index of the interface that carries the tagged frames.</summary>
    public required int Parent { get; init; }

    /// <summary>IFLA_VLAN_ID, 1 to 4094.</summary>
    public required int Id { get; init; }

    internal override string Kind => "vlan";

    internal override int? Lower => Parent;

    internal override void WriteData(NetlinkWriter writer) => writer.WriteUInt16Attribute(VlanAttribute.Id, (ushort)Id);
}
