using System.Net;
using Linux.Addresses;

namespace Netlink.Route.Neighbours;

/// <summary>Which Ethernet address an IP address on a link has, as it is to be set and as it is read back.</summary>
public sealed record Neighbour
{
    /// <summary>ndm_ifindex: the interface.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>NDA_DST.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>NDA_LLADDR; null while it is not known.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>ndm_state.</summary>
    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>NTF_PROXY: the host answers for this address.</summary>
    public bool IsProxy { get; init; }
}

/// <summary>How much is known of a neighbour. Source: linux/neighbour.h.</summary>
[Flags]
public enum NeighbourState : ushort
{
    /// <summary>NUD_NONE.</summary>
    None = 0,

    /// <summary>NUD_INCOMPLETE: asked, not answered yet.</summary>
    Incomplete = 0x01,

    /// <summary>NUD_REACHABLE.</summary>
    Reachable = 0x02,

    /// <summary>NUD_STALE: was reachable some time ago.</summary>
    Stale = 0x04,

    /// <summary>NUD_DELAY.</summary>
    Delay = 0x08,

    /// <summary>NUD_PROBE.</summary>
    Probe = 0x10,

    /// <summary>NUD_FAILED: nobody answered.</summary>
    Failed = 0x20,

    /// <summary>NUD_NOARP: needs no asking.</summary>
    NoArp = 0x40,

    /// <summary>NUD_PERMANENT: set by somebody, never asked again.</summary>
    Permanent = 0x80,
}
