using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>
    /// Puts a bridge's port into VLANs, all in one request; those that it is in already take the new settings. EOPNOTSUPP if it is no
    /// port, or the kernel lacks CONFIG_BRIDGE_VLAN_FILTERING; EINVAL for an ID outside of 1 to 4094, or a range with a PVID.
    /// </summary>
    /// <param name="port">The port's index.</param>
    /// <param name="vlans">The VLANs.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddBridgeVlans(int port, ReadOnlySpan<BridgeVlanRange> vlans, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.SetLink, NewFlags.None, Describe("add", "to", vlans, port), tolerate);
        BridgeVlanMessage.Write(writer, port, vlans);
        return End();
    }

    /// <summary>Takes a bridge's port out of VLANs, all in one request; it is no error if it was in none of them.</summary>
    /// <param name="port">The port's index.</param>
    /// <param name="vlans">The VLANs.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteBridgeVlans(int port, ReadOnlySpan<BridgeVlanRange> vlans, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteLink, NewFlags.None, Describe("delete", "from", vlans, port), tolerate);
        BridgeVlanMessage.Write(writer, port, vlans);
        return End();
    }

    private static OperationText Describe(string verb, string preposition, ReadOnlySpan<BridgeVlanRange> vlans, int port)
    {
        // A trunk may have thousands.
        string ids = vlans.Length == 1 ? $"VLAN {vlans[0]}" : $"{vlans.Length} ranges of VLANs";
        return $"{verb} {ids} {preposition} bridge port {port}";
    }
}
