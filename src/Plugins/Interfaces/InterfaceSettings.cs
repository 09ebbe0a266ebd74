using Cni;

namespace Plugins.Interfaces;

/// <summary>What the configurations of all interface plugins have in common.</summary>
internal sealed record InterfaceSettings
{
    /// <summary>The configuration's <c>ipam.type</c>; null for a network without addresses of its own (layer 2 only).</summary>
    public required string? IpamType { get; init; }

    /// <summary>Addresses and routes that come from elsewhere than IPAM: of a chained plugin, from its prevResult.</summary>
    public CniResult? Given { get; init; }

    /// <summary>The DNS settings of the result; null for IPAM's.</summary>
    public required CniDns? Dns { get; init; }

    /// <summary>Whether the pod's IPv6 addresses are probed before use, which takes a second; without, they serve at once.</summary>
    public bool DuplicateAddressDetection { get; init; }

    /// <summary>The metric of routes that have none of their own; null for the kernel's.</summary>
    public int? RouteMetric { get; init; }

    /// <summary>Whether the interface in the pod is left down.</summary>
    public bool StaysDown { get; init; }

    /// <summary>
    /// Whether the kernel has an interface in the pod; a device that a program drives has none, and its addresses are that program's.
    /// </summary>
    public bool HasInterface { get; init; } = true;

    /// <summary>Whether the pod gets addresses.</summary>
    public bool HasAddresses => IpamType is not null || Given is not null;

    /// <summary>The IPAM type of a plugin that has no use without addresses.</summary>
    /// <exception cref="CniException">The configuration has none.</exception>
    public static string RequireIpam(CniInvocation call, string plugin) => call.IpamType
        ?? throw CniException.InvalidConfig(
            $"ipam.type is missing, and {plugin} makes no interface without addresses; add an ipam section such as {{\"type\": "
            + $"\"host-local\", \"subnet\": \"10.1.2.0/24\"}}");
}
