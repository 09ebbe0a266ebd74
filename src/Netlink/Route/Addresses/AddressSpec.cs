using System.Net;
using Linux.Addresses;
using Netlink.Route.Routes;

namespace Netlink.Route.Addresses;

/// <summary>An address to put on an interface. What is null is left to the kernel.</summary>
public sealed record AddressSpec
{
    /// <summary>IFA_LOCAL, IFA_ADDRESS and ifa_prefixlen: the address with its host bits.</summary>
    public required IpPrefix Address { get; init; }

    /// <summary>IFA_BROADCAST, IPv4 only. The kernel knows a subnet's broadcast addresses by itself; this one is for display.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>ifa_scope.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>IFA_LABEL, IPv4 only: at most 15 bytes.</summary>
    public string? Label { get; init; }

    /// <summary>IFA_F_NODAD, IPv6: usable at once.</summary>
    public bool NoDad { get; init; }

    /// <summary>IFA_F_NOPREFIXROUTE: the kernel makes no route to the address's subnet.</summary>
    public bool NoPrefixRoute { get; init; }
}
