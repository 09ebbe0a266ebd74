using Cni;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>What a lease puts on an interface.</summary>
internal sealed record Addressing(IpPrefix Address, IReadOnlyList<CniRoute> Routes)
{
    /// <summary>Whether both mean the same.</summary>
    public bool IsSameAs(Addressing other) => Address == other.Address && Routes.SequenceEqual(other.Routes);
}
