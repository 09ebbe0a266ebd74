using Linux;
using Netlink.Route.Neighbours;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>The forwarding entries of VXLANs and bridges, or those of one interface; none if it does not exist.</summary>
    /// <exception cref="NetlinkException">Entries came and went throughout 20 attempts (EBUSY).</exception>
    public List<ForwardingEntry> ListForwarding(int? index = null)
    {
        NetlinkBatch request = new();
        ForwardingMessage.WriteDump(BeginGet(request, RouteMessageType.GetNeighbour, GetFlags.Dump, "list forwarding entries"), index);
        request.End();
        return _socket.Get(
            request,
            (type, payload) => ForwardingMessage.Parse(type, payload) is { } entry && (index is null || entry.LinkIndex == index)
                ? entry
                : null,
            absent: Errno.ENODEV);
    }
}
