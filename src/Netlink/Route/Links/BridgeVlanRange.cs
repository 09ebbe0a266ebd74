namespace Netlink.Route.Links;

/// <summary>Neighbouring VLANs with the same settings on a bridge's port. Source: struct bridge_vlan_info, linux/if_bridge.h.</summary>
/// <param name="First">The lowest VLAN ID, 1 to 4094.</param>
/// <param name="Last">The highest VLAN ID.</param>
/// <param name="IsPvid">BRIDGE_VLAN_INFO_PVID: untagged frames that come in belong to it; one VLAN at most.</param>
/// <param name="IsUntagged">BRIDGE_VLAN_INFO_UNTAGGED: frames go out without their tag.</param>
public readonly record struct BridgeVlanRange(int First, int Last, bool IsPvid = false, bool IsUntagged = false)
{
    /// <summary>One VLAN, whose frames go in and out without tags.</summary>
    public static BridgeVlanRange Untagged(int id) => new(id, id, IsPvid: true, IsUntagged: true);

    /// <summary><c>5</c> or <c>10-20</c>.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>The VLANs of a bridge's port, or of the bridge itself.</summary>
public sealed record BridgeVlans
{
    /// <summary>ifi_index: the port, or the bridge.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>IFLA_MASTER: the bridge.</summary>
    public required int BridgeIndex { get; init; }

    /// <summary>IFLA_BRIDGE_VLAN_INFO, in ascending order; empty if the bridge or the kernel does not filter VLANs.</summary>
    public required IReadOnlyList<BridgeVlanRange> Ranges { get; init; }
}
