using Cni;
using Ipam;
using Linux;
using Netlink;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// What the kernel and the runtimes' result caches know about who holds an address. Whatever cannot be decided is alive: an address
/// that is given twice is worse than one that is not given (design.md, "State").
/// </summary>
/// <param name="call">The call that asks.</param>
/// <param name="veth">The link that this very call is making; it is no evidence of an older attachment.</param>
internal sealed class LeaseEvidence(CniInvocation call, VethInTheMaking? veth) : ILeaseEvidence
{
    /// <inheritdoc/>
    public Liveness Probe(Lease lease)
    {
        // Somebody who serves virtual machines, or lives in another mount namespace, sees paths that mean nothing here.
        if (call.Namespace is null)
            return Liveness.Unknown;
        try
        {
            // Without a path it was found by the alias of its host end, or left by the reference, which records none.
            if (lease.NetNS.Length == 0)
                return lease.Imported || HasHostEnd(lease) ? Liveness.Unknown : Liveness.Dead;
            using NetworkNamespace? pod = NetworkNamespace.TryOpen(lease.NetNS);
            if (pod is null)
                return HasHostEnd(lease) ? Liveness.Unknown : Liveness.Dead;
            return HoldsAddress(pod, lease) ? Liveness.Alive : Liveness.Dead;
        }
        catch (Exception e) when (e is LinuxException or NetlinkException)
        {
            // Not even looking is possible.
            return Liveness.Unknown;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Lease> FindInKernel() => new KernelLeases(call.Network).Find();

    private bool HasHostEnd(Lease lease)
    {
        using RouteClient host = RouteClient.Open();
        string name = lease.Key.IsKnown
            ? new AttachmentTag(call.Network, lease.Key.ContainerId, lease.Key.IfName).HostInterfaceName
            : lease.Key.IfName;
        return host.FindLink(name) is { PeerNamespaceId: not < 0 } link && veth?.IsHostEnd(link.Index) != true;
    }

    private static bool HoldsAddress(NetworkNamespace pod, Lease lease)
    {
        using RouteClient inside = RouteClient.Open(pod);
        return inside.FindLink(lease.Key.IfName) is { } link
            && inside.ListAddresses(link.Index).Exists(held => lease.Addresses.Any(leased => leased.Address.Equals(held.Address.Address)));
    }
}
