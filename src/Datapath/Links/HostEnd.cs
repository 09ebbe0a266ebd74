using Netlink.Route;
using Netlink.Route.Links;

namespace Datapath.Links;

/// <summary>The end of a veth pair that is on the node, found from the other one.</summary>
public static class HostEnd
{
    /// <summary>The other end of an interface; null if the interface is no veth, or its other end is in no namespace of ours.</summary>
    /// <param name="host">The node's links.</param>
    /// <param name="podEnd">The interface in the pod.</param>
    public static Link? Find(RouteClient host, Link podEnd) =>
        // An index alone would also be that of something else, where the other end is in a third namespace.
        podEnd is { Kind: VethLink.Kind, PeerIndex: { } index }
        && host.FindLink(index) is { Kind: VethLink.Kind } peer
        && peer.PeerIndex == podEnd.Index
            ? peer
            : null;
}
