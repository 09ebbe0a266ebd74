using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Ipam;
using Linux;
using Linux.Namespaces;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Ipam.HostLocal;

/// <summary>What the kernel and the runtimes' result caches know about who holds an address (docs/design.md, "Alive or dead").</summary>
/// <param name="call">The call that asks.</param>
/// <param name="directory">Of the network's leases.</param>
/// <param name="reclaim">Removes what dead attachments have left.</param>
internal sealed class LeaseEvidence(CniInvocation call, string directory, RemoveRemains reclaim) : ILeaseEvidence
{
    private LeaseOrigin? _origin;

    /// <summary>Whose judgement it is.</summary>
    public AttachmentLiveness Judge { get; init; } = new();

    /// <summary>The addresses that the network may give; null if the configuration does not tell.</summary>
    public required Func<IReadOnlyList<RangeSet>?> Ranges { get; init; }

    /// <summary>The link that this very call is making; it is no evidence of an older attachment.</summary>
    public PendingVeth? Veth { get; init; }

    /// <summary>The mark of the ADD that asks; null for another call.</summary>
    public RunningAdd? Add { get; init; }

    /// <inheritdoc/>
    public LeaseOrigin Origin => _origin ??= new LeaseOrigin(
        call.Namespace is { } pod ? pod.Cookie : LeaseOrigin.NoNamespace, MountNamespace.ReadId(), Add?.Id ?? 0);

    /// <inheritdoc/>
    public Liveness Probe(Lease lease)
    {
        try
        {
            return ProbeAdd(lease) ?? ProbePod(lease);
        }
        catch (Exception e) when (e is LinuxException or NetlinkException)
        {
            // Not even looking is possible.
            return Liveness.Unknown;
        }
    }

    /// <inheritdoc/>
    public bool IsBeingMade(Lease lease) => lease.Origin.Add != 0 && RunningAdd.Find(directory, TagOf(lease).Text) is { IsRunning: true };

    /// <inheritdoc/>
    public void Reclaim(IReadOnlyCollection<Lease> dead)
    {
        Lease[] named = [.. dead.Where(static lease => lease.Key.IsKnown)];
        bool isKilled = named.Any(lease => IsOwn(lease) && IsOfKilledAdd(lease));
        if (isKilled)
            Veth?.ReplaceKilled();
        reclaim(call, directory, [.. named.Where(lease => !IsOwn(lease))], named.FirstOrDefault(IsOwn));
    }

    /// <inheritdoc/>
    public IEnumerable<Lease> FindInKernel() => new KernelLeases(call.Network, Ranges(), Origin.MountNamespace).Find();

    /// <summary>
    /// An ADD that is running is alive, whatever else there is; what one has left that was killed is dead, since nobody was told of it.
    /// </summary>
    private Liveness? ProbeAdd(Lease lease)
    {
        if (lease.Origin.Add == 0 || !lease.Key.IsKnown)
            return null;
        if (IsOwn(lease))
            return IsOfKilledAdd(lease) ? Liveness.Dead : null;
        return RunningAdd.Find(directory, TagOf(lease).Text) switch
        {
            { IsRunning: true } => Liveness.Alive,
            { Killed: var id } when id == lease.Origin.Add => Liveness.Dead,
            _ => null,
        };
    }

    private Liveness ProbePod(Lease lease)
    {
        // It was found by the alias of its host end, or left by the reference, which records none.
        if (lease.NetNS.Length == 0)
        {
            if (lease.Imported || call.Namespace is null)
                return Liveness.Unknown;
            return HasHostEnd(lease) ? Liveness.Alive : Liveness.Dead;
        }
        // A virtual machine's, which has no namespace here: nobody but its own DEL can tell that it is gone.
        if (lease.Origin.NetworkNamespace == LeaseOrigin.NoNamespace || !Path.IsPathRooted(lease.NetNS))
            return Liveness.Unknown;
        using (NetworkNamespace? atPath = NetworkNamespace.TryOpen(lease.NetNS))
        {
            if (atPath is not null && MayBe(atPath, lease.Origin.NetworkNamespace))
                return Liveness.Alive;
        }
        if (HasHostEnd(lease))
            return Liveness.Alive;
        return Judge.OfNamespace(lease.Origin.NetworkNamespace) ?? (MeansPathHere(lease) ? Liveness.Dead : Liveness.Unknown);
    }

    /// <summary>A path that leads elsewhere was used again, as process numbers and names are.</summary>
    private static bool MayBe(NetworkNamespace atPath, ulong cookie) => cookie == 0 || atPath.Cookie == 0 || atPath.Cookie == cookie;

    /// <summary>A runtime in another mount namespace, or one of virtual machines, gives paths that mean nothing here.</summary>
    private bool MeansPathHere(Lease lease) =>
        call.Namespace is not null && (lease.Origin.MountNamespace == 0 || lease.Origin.MountNamespace == Origin.MountNamespace);

    private bool HasHostEnd(Lease lease)
    {
        // What was found in a namespace has the name that it has there; the host may have an interface of that name, too.
        if (!lease.Key.IsKnown && lease.NetNS.Length > 0)
            return false;
        using RouteClient host = RouteClient.Open();
        Link? hostEnd = host.FindLink(lease.Key.IsKnown ? TagOf(lease).HostInterfaceName : lease.Key.IfName);
        return AttachmentLiveness.LeadsToPod(hostEnd) && Veth?.IsHostEnd(hostEnd!.Index) != true;
    }

    private bool IsOwn(Lease lease) => Add is not null && lease.Key == new LeaseKey(call.ContainerId, call.IfName);

    private bool IsOfKilledAdd(Lease lease) => Add is { WasLeft: true } && Add.Id == lease.Origin.Add;

    private AttachmentTag TagOf(Lease lease) => new(call.Network, lease.Key.ContainerId, lease.Key.IfName);
}
