using Linux;
using Linux.Addresses;
using Netlink.Route.Neighbours;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>All neighbours, or those on an interface, or of a family; proxy entries are not among them.</summary>
    /// <exception cref="NetlinkException">Neighbours came and went throughout 20 attempts (EBUSY).</exception>
    public List<Neighbour> ListNeighbours(int? index = null, IpFamily? family = null)
    {
        NetlinkBatch request = new();
        NetlinkWriter writer = BeginGet(request, RouteMessageType.GetNeighbour, GetFlags.Dump, "list neighbours");
        NeighbourMessage.WriteDump(writer, index, family);
        request.End();
        return _socket.Get(
            request,
            (type, payload) => NeighbourMessage.Parse(type, payload) is { } neighbour
                && family.Allows(MessageFamily.Of(neighbour.Address)) ? neighbour : null,
            absent: Errno.ENODEV);
    }
}
