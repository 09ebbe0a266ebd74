using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>
    /// The VLANs of every bridge's ports and of the bridges themselves. The kernel can sort nothing out here, so this costs time for
    /// each port on the host.
    /// </summary>
    /// <exception cref="NetlinkException">Ports came and went throughout 20 attempts (EBUSY).</exception>
    public List<BridgeVlans> ListBridgeVlans()
    {
        NetlinkBatch request = new();
        BridgeVlanMessage.WriteDump(BeginGet(request, RouteMessageType.GetLink, GetFlags.Dump, "list VLANs of bridge ports"));
        request.End();
        return _socket.Get(request, BridgeVlanMessage.Parse);
    }

    /// <inheritdoc cref="RouteBatch.AddBridgeVlans"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void AddBridgeVlans(int port, ReadOnlySpan<BridgeVlanRange> vlans, Errno tolerate = Errno.None) =>
        Execute(new RouteBatch().AddBridgeVlans(port, vlans, tolerate));

    /// <inheritdoc cref="RouteBatch.DeleteBridgeVlans"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void DeleteBridgeVlans(int port, ReadOnlySpan<BridgeVlanRange> vlans, Errno tolerate = Errno.None) =>
        Execute(new RouteBatch().DeleteBridgeVlans(port, vlans, tolerate));
}
