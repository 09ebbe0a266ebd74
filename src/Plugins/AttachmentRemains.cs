using Cni;
using Datapath.Attachments;
using Datapath.Endpoints;
using Ipam;
using Linux;
using Linux.Namespaces;
using Netlink.Nftables;
using Netlink.Route;
using Plugins.Chained.Firewall;
using Plugins.Chained.Portmap;
using Plugins.Chained.Tuning;
using Plugins.Interfaces.Bridge;
using Plugins.Ipam.HostLocal;
using Plugins.Masquerade;

namespace Plugins;

/// <summary>What attachments leave that nobody has deleted: whatever bears their tags, made by any plugin.</summary>
internal static class AttachmentRemains
{
    /// <inheritdoc cref="RemoveRemains"/>
    public static void Remove(CniInvocation call, string directory, IReadOnlyList<Lease> others, Lease? own)
    {
        (Lease Lease, AttachmentTag Tag)[] dead = [.. others.Select(lease => (lease, TagOf(call, lease)))];
        if (dead.Length == 0 && own is null)
            return;
        BestEffortSteps cleanUp = new();
        if (dead.Length > 0)
            cleanUp.Try(() => RemoveLinks(dead));
        string[] tags = [.. dead.Select(static other => other.Tag.Text)];
        GcScope spared = GcScope.AllBut(call, own is null ? tags : [.. tags, TagOf(call, own).Text]);
        cleanUp.Try(() => TuningRecords.DeleteAllBut(spared, [TuningConfig.DefaultDataDir]));
        cleanUp.Try(() => new EndpointStore(EndpointStore.DefaultDirectory).DeleteAllBut(spared));
        cleanUp.Try(() => RemoveElements(call, spared, GcScope.AllBut(call, tags)));
        cleanUp.ThrowIfFailed();
        foreach (string tag in tags)
            RunningAdd.Forget(directory, tag);
    }

    private static void RemoveLinks((Lease Lease, AttachmentTag Tag)[] dead)
    {
        using RouteClient host = RouteClient.Open();
        BestEffortSteps cleanUp = new();
        foreach ((Lease lease, AttachmentTag tag) in dead)
        {
            foreach (string name in (ReadOnlySpan<string>)[tag.HostInterfaceName, tag.IfbName])
                cleanUp.Try(() => _ = host.FindLink(name) is { } link && tag.IsIn(link.Alias) && host.TryDeleteLink(link.Index));
            cleanUp.Try(() => RemoveFromPod(lease, tag));
        }
        cleanUp.ThrowIfFailed();
    }

    /// <summary>Of a killed ADD whose pod is there; nothing if the path leads elsewhere by now.</summary>
    private static void RemoveFromPod(Lease lease, AttachmentTag tag)
    {
        using NetworkNamespace? pod = NetworkNamespace.TryOpen(lease.NetNS);
        if (pod is null || pod.Cookie != lease.Origin.NetworkNamespace)
            return;
        using RouteClient inside = RouteClient.Open(pod);
        foreach (string name in (ReadOnlySpan<string>)[lease.Key.IfName, tag.HostInterfaceName])
        {
            if (inside.FindLink(name) is { } link && tag.IsIn(link.Alias))
                _ = inside.TryDeleteLink(link.Index);
        }
    }

    private static void RemoveElements(CniInvocation call, GcScope spared, GcScope sparedOfPorts)
    {
        using NftClient? nft = TryOpen();
        // A kernel without nf_tables has kept nothing there.
        if (nft is null)
            return;
        BestEffortSteps cleanUp = new();
        cleanUp.Try(() => PodMasquerade.Rules.RemoveAllBut(nft, spared));
        cleanUp.Try(() => MacSpoofCheck.Rules.RemoveAllBut(nft, sparedOfPorts));
        cleanUp.Try(() => FirewallPlugin.RemoveAllBut(nft, spared));
        cleanUp.Try(() => StaleConnections.ForgetOwn(call, PublishedPorts.RemoveAllBut(nft, spared)));
        cleanUp.ThrowIfFailed();
    }

    private static NftClient? TryOpen()
    {
        try
        {
            return NftClient.Open();
        }
        catch (LinuxException e) when (e.Errno == Errno.EPROTONOSUPPORT)
        {
            return null;
        }
    }

    private static AttachmentTag TagOf(CniInvocation call, Lease lease) => new(call.Network, lease.Key.ContainerId, lease.Key.IfName);
}
