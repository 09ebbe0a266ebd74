using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces;

/// <summary>
/// The cable between host and pod. Both ends are made by one request, each in its namespace under its final name and MAC, so there is
/// no moment at which half of it exists. Both indexes are chosen by us: requests behind the creation in the same datagram address the
/// new link by a number that no other link can have.
/// </summary>
/// <param name="HostName">The host end.</param>
/// <param name="HostIndex">Its ifindex.</param>
/// <param name="HostMac">Its MAC address.</param>
/// <param name="PodIndex">The ifindex of the end in the pod.</param>
/// <param name="PodMac">The MAC address of the end in the pod.</param>
/// <param name="Mtu">Bytes, of both ends.</param>
internal sealed record VethPair(string HostName, int HostIndex, MacAddress HostMac, int PodIndex, MacAddress PodMac, int Mtu)
{
    private const int IndexAttempts = 10;

    // A namespace that nobody names any more may live on for a moment: the dhcp daemon's packet socket in it is closed in the background
    // (20 ms).
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    /// <summary>The host end, in a result.</summary>
    public CniInterface HostInterface => new() { Name = HostName, Mac = HostMac.ToString() };

    /// <summary>Makes the pair.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="pod">The pod's namespace.</param>
    /// <param name="ifName">The end in the pod.</param>
    /// <param name="tag">Names the host end.</param>
    /// <param name="podMac">The pod's MAC address; null for a random one.</param>
    /// <param name="mtu">Bytes, of both ends.</param>
    /// <param name="port">What the host end is to become besides: its master and port settings.</param>
    /// <param name="making">Is told which link this is before it exists.</param>
    /// <exception cref="CniException">The pod has an interface of that name, or the attachment exists.</exception>
    /// <exception cref="NetlinkException">The kernel refused otherwise; no link is left.</exception>
    public static VethPair Create(
        RouteClient host,
        NetworkNamespace pod,
        string ifName,
        AttachmentTag tag,
        MacAddress? podMac,
        int mtu,
        LinkChange port,
        PendingVeth making)
    {
        bool replaced = false;
        for (int attempt = 1; ; attempt++)
        {
            VethPair pair = new(
                tag.HostInterfaceName, ChosenIndex.Next(), MacAddress.Random(), ChosenIndex.Next(), podMac ?? MacAddress.Random(), mtu);
            making.Announce(pair.HostIndex);
            NetlinkException? refusal = pair.TryCreate(host, pod, ifName, port with { Alias = tag.Alias([]) });
            switch (refusal?.Errno)
            {
                case null:
                    return pair;
                case Errno.EBUSY when attempt < IndexAttempts:
                    break;
                case Errno.EEXIST when !replaced:
                    making.Withdraw();
                    ThrowIfAlive(host, pod, ifName, tag, making);
                    replaced = true;
                    break;
                default:
                    making.Withdraw();
                    throw refusal;
            }
        }
    }

    /// <summary>Tells in the host end's alias whose addresses these are; DEL and GC, and a new store, find them there.</summary>
    public void Mark(RouteClient host, AttachmentTag tag, IReadOnlyList<IpPrefix> addresses) =>
        host.SetLink(HostIndex, new LinkChange { Alias = tag.Alias(addresses) });

    /// <summary>Deletes the pair. A pair that is gone already is fine.</summary>
    public void Delete(RouteClient host) => _ = host.TryDeleteLink(HostIndex);

    /// <summary>
    /// Deletes the pair that an ADD was making, however far it came: also one whose making the kernel has not been heard to confirm.
    /// </summary>
    /// <param name="tag">Of the attachment.</param>
    /// <param name="making">Knows which one it was.</param>
    public static void DeleteMade(AttachmentTag tag, PendingVeth making)
    {
        // The ADD's own socket may have failed.
        using RouteClient host = RouteClient.Open();
        if (host.FindLink(tag.HostInterfaceName) is { } made && making.IsHostEnd(made.Index))
            _ = host.TryDeleteLink(made.Index);
    }

    /// <summary>Deletes the pairs of a network's attachments that are no longer valid.</summary>
    /// <exception cref="AggregateException">Some could not be deleted.</exception>
    public static void DeleteAllBut(GcScope valid)
    {
        using RouteClient host = RouteClient.Open();
        BestEffortSteps cleanUp = new();
        foreach (Link link in host.ListLinks(kind: VethLink.Kind).Where(link => valid.IsGarbage(link.Alias)))
            cleanUp.Try(() => host.TryDeleteLink(link.Index));
        cleanUp.ThrowIfFailed();
    }

    private NetlinkException? TryCreate(RouteClient host, NetworkNamespace pod, string ifName, LinkChange port)
    {
        RouteBatch batch = new();
        batch.CreateLink(new VethSpec
        {
            Name = HostName,
            Index = HostIndex,
            Mac = HostMac,
            Mtu = Mtu,
            Up = true,
            Master = port.Master,
            Peer = new VethPeer { Name = ifName, Index = PodIndex, Mac = PodMac, Mtu = Mtu, TargetNamespace = pod },
        });
        batch.SetLink(HostIndex, port with { Master = null });
        List<NetlinkException> refusals = host.TryExecute(batch);
        if (refusals.Count == 0)
            return null;
        // Had only the second request failed, the pair would be there; a number that was refused is another's.
        if (host.FindLink(HostName)?.Index == HostIndex)
            Delete(host);
        return refusals[0];
    }

    /// <summary>
    /// EEXIST does not say which of the two names is taken, so both are looked up. A host end of ours whose pod is gone is on its way
    /// out, and one that was left by an ADD that was killed is nobody's: it is deleted.
    /// </summary>
    private static void ThrowIfAlive(RouteClient host, NetworkNamespace pod, string ifName, AttachmentTag tag, PendingVeth making)
    {
        if (host.FindLink(tag.HostInterfaceName) is { } present
            && making.IsLeft(isUnfinished: !AttachmentTag.AddressesIn(present.Alias ?? "").Any()))
        {
            _ = host.TryDeleteLink(present.Index);
            return;
        }
        using RouteClient inside = RouteClient.Open(pod);
        if (inside.FindLink(ifName) is not null)
            throw PodLinkCreation.NameIsTaken(ifName);
        if (host.FindLink(tag.HostInterfaceName) is not { } hostEnd)
            return;
        using (LinkMonitor monitor = LinkMonitor.Open())
            _ = monitor.WaitForLink(hostEnd.Index, IsLeaving, s_farewell);
        if (host.FindLink(tag.HostInterfaceName) is { } left && !IsLeaving(left))
        {
            throw new CniException(
                CniErrorCode.AlreadyExists,
                $"this container's {ifName} is attached already, through {tag.HostInterfaceName} to another namespace; run DEL first");
        }
        _ = host.TryDeleteLink(hostEnd.Index);
    }

    private static bool IsLeaving(Link hostEnd) => !AttachmentLiveness.LeadsToPod(hostEnd);
}
