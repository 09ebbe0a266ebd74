using Netlink.Wire;

namespace Netlink.Route.Links;

/// <summary>A learning bridge.</summary>
public sealed record BridgeSpec : LinkSpec
{
    /// <summary>IFLA_BR_VLAN_FILTERING: heeds VLAN tags; EOPNOTSUPP on a kernel without CONFIG_BRIDGE_VLAN_FILTERING.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>IFLA_BR_VLAN_DEFAULT_PVID: the VLAN that every new port is in, untagged; 0 for none. The kernel's default is 1.</summary>
    public int? DefaultPvid { get; init; }

    internal override string Kind => "bridge";

    internal override void WriteData(NetlinkWriter writer) => LinkMessage.WriteBridgeData(writer, VlanFiltering, DefaultPvid);
}
