using System.Net;
using Linux.Addresses;
using Netlink.Route.Routes;

namespace Netlink.Route.Addresses;

/// <summary>An address of an interface as the kernel describes it.</summary>
public sealed record InterfaceAddress
{
    /// <summary>ifa_index: the interface.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>IFA_LOCAL (IFA_ADDRESS where there is none, as for IPv6) and ifa_prefixlen.</summary>
    public required IpPrefix Address { get; init; }

    /// <summary>IFA_BROADCAST.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>ifa_scope.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>IFA_LABEL.</summary>
    public string? Label { get; init; }

    /// <summary>IFA_FLAGS.</summary>
    public AddressFlags Flags { get; init; }

    /// <summary>Whether duplicate address detection still runs: the address cannot be used yet.</summary>
    public bool IsTentative => Flags.HasFlag(AddressFlags.Tentative);

    /// <summary>Whether duplicate address detection found another owner.</summary>
    public bool IsDuplicate => Flags.HasFlag(AddressFlags.DadFailed);
}
