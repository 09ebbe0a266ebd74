using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>A VRF: the interfaces that it is the master of route by its table alone.</summary>
public sealed record VrfSpec : LinkSpec
{
    /// <summary>IFLA_VRF_TABLE, not 0.</summary>
    public required uint Table { get; init; }

    internal override string Kind => "vrf";

    internal override void WriteData(NetlinkWriter writer) => writer.WriteUInt32Attribute(VrfAttribute.Table, Table);
}
