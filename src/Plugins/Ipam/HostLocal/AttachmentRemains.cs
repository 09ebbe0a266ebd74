using Cni;
using Ipam;
using Linux;
using Netlink.Nftables;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// What attachments leave that nobody has deleted: whatever bears their tags. It goes before their addresses are another's, who would
/// otherwise meet it; the DEL of a dead key that lives again would find what is new alone.
/// </summary>
/// <param name="call">The ADD that wants the addresses.</param>
/// <param name="directory">Of the network's leases.</param>
internal sealed class AttachmentRemains(CniInvocation call, string directory)
{
    /// <summary>Removes it.</summary>
    /// <param name="others">The leases of dead attachments that are not the call's.</param>
    /// <param name="own">
    /// The lease that a dead attachment of the call's key has left. Its link and the elements that guard the link are the business of the thread that just makes
    /// new ones.
    /// </param>
    /// <exception cref="AggregateException">Not all could be removed.</exception>
    public void Remove(IEnumerable<Lease> others, Lease? own)
    {
        (Lease Lease, AttachmentTag Tag)[] dead = [.. others.Select(lease => (lease, TagOf(lease)))];
        if (dead.Length == 0 && own is null)
            return;
        CleanUp cleanUp = new();
        if (dead.Length > 0)
            cleanUp.Try(() => RemoveLinks(dead));
        string[] tags = [.. dead.Select(static other => other.Tag.Text)];
        ValidTags spared = ValidTags.AllBut(call, own is null ? tags : [.. tags, TagOf(own).Text]);
        cleanUp.Try(() => TuningRecords.DeleteAllBut(spared, [TuningConfig.DefaultDataDir]));
        cleanUp.Try(() => RemoveElements(spared, ValidTags.AllBut(call, tags)));
        cleanUp.ThrowIfFailed();
        foreach (string tag in tags)
            RunningAdd.Forget(directory, tag);
    }

    private static void RemoveLinks((Lease Lease, AttachmentTag Tag)[] dead)
    {
        using RouteClient host = RouteClient.Open();
        CleanUp cleanUp = new();
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

    private void RemoveElements(ValidTags spared, ValidTags sparedOfPorts)
    {
        using NftClient? nft = TryOpen();
        // A kernel without nf_tables has kept nothing there.
        if (nft is null)
            return;
        CleanUp cleanUp = new();
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

    private AttachmentTag TagOf(Lease lease) => new(call.Network, lease.Key.ContainerId, lease.Key.IfName);
}
