using System.Net;
using Linux.Addresses;

namespace Netlink.Route.Neighbours;

/// <summary>
/// Where an interface sends frames to a MAC address, as it is to be set and as it is read back: a VXLAN to another host, a bridge by one
/// of its ports.
/// </summary>
public sealed record ForwardingEntry
{
    /// <summary>ndm_ifindex: the VXLAN, or the bridge's port.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>
    /// NDA_LLADDR; 00:00:00:00:00:00 of a VXLAN for frames to all and to whom it does not know, of which there may be several.
    /// </summary>
    public required MacAddress Mac { get; init; }

    /// <summary>NDA_DST: the host that a VXLAN sends it to; null on a bridge.</summary>
    public IPAddress? Destination { get; init; }

    /// <summary>NDA_VNI: the network in which that host expects it; null for the interface's own.</summary>
    public int? NetworkId { get; init; }

    /// <summary>NTF_MASTER instead of NTF_SELF: the entry is one of the bridge that the interface is a port of.</summary>
    public bool IsOfMaster { get; init; }

    /// <summary>ndm_state; unless told, one that stays until it is deleted.</summary>
    public NeighbourState State { get; init; } = NeighbourState.Permanent | NeighbourState.NoArp;
}
