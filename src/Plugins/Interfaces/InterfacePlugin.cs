using Cni;
using Datapath.Attachments;
using Netlink.Nftables;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces;

/// <summary>
/// A plugin that makes a pod's interface. What addresses, routes, result, CHECK, DEL, STATUS and GC have in common is here and in what
/// this calls; how its link is made a plugin says by its <see cref="IInterfaceDriver"/> (docs/writing-a-plugin.md). Whatever an ADD makes
/// is found again by <see cref="AttachmentTag"/>.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal abstract class InterfacePlugin(IpamPlugins ipam) : ICniPlugin
{
    /// <inheritdoc/>
    public abstract string Type { get; }

    /// <summary>IFLA_INFO_KIND of the interface in the pod; null if it may be of any.</summary>
    internal abstract string? LinkKind { get; }

    /// <summary>
    /// What an ADD may put into nftables for a pod. DEL and GC look for all of it: the configuration may have changed since the ADD.
    /// </summary>
    internal virtual IReadOnlyList<AttachmentRules> Rules => [];

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        IInterfaceDriver step = Read(call);
        try
        {
            return AttachOperation.Add(call, step, ipam);
        }
        catch (Exception) when (FailedAttachment.IsFound(call))
        {
            // The runtime tries again what failed in a later plugin, and has left out the DEL.
            Del(call);
            return AttachOperation.Add(call, step, ipam);
        }
    }

    /// <summary>
    /// Removes the link, then what else stands in the kernel, then the addresses: none is free again while something still uses it. Only
    /// DHCP's are given back through the link, before it goes.
    /// Of the configuration only the IPAM type is looked at, since it may have changed since the ADD.
    /// </summary>
    public void Del(CniInvocation call)
    {
        AttachmentTag tag = new(call);
        BestEffortSteps cleanUp = new();
        DetachContext gone = new(call, tag);
        IIpamPlugin? addresses = null;
        cleanUp.Try(() => addresses = ipam.FromConfig(call));
        // What an ADD that is still running makes behind the DEL would stay; so nothing is done before it has ended.
        addresses?.BeginDel(call, tag);
        using LinkRemoval link = RemovalOf(call, tag);
        NftClient? nft = null;
        bool throughLink = addresses is { ReleasesThroughLink: true };
        if (throughLink)
            cleanUp.Try(() => addresses!.Del(call));
        cleanUp.Try(() => gone = gone with { Own = link.Begin() });
        foreach (AttachmentRules rules in Rules)
            cleanUp.Try(() => rules.Remove(nft ??= NftClient.Open(), gone));
        cleanUp.Try(IpamPlugins.WarmUp);
        cleanUp.Try(link.Complete);
        // Not before the link is gone: without io_uring the two waits in the kernel would come one after the other.
        nft?.Dispose();
        if (!throughLink)
            cleanUp.Try(() => addresses?.Del(call));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call) => new CheckOperation(call, Read(call), LinkKind, ipam).Run();

    /// <inheritdoc/>
    public void Status(CniInvocation call) => ipam.FromConfig(call)?.Status(call);

    /// <inheritdoc/>
    public void Gc(CniInvocation call)
    {
        GcScope valid = new(call);
        BestEffortSteps cleanUp = new();
        NftClient? nft = null;
        cleanUp.Try(() => CollectLinks(valid));
        foreach (AttachmentRules rules in Rules)
            cleanUp.Try(() => rules.RemoveAllBut(nft ??= NftClient.Open(), valid));
        nft?.Dispose();
        cleanUp.Try(() => ipam.FromConfig(call)?.Gc(call));
        cleanUp.ThrowIfFailed();
    }

    /// <summary>Reads and checks the configuration of an ADD or CHECK. Nothing may be changed yet.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    internal abstract IInterfaceDriver Read(CniInvocation call);

    /// <summary>The part of a GC that is about links.</summary>
    internal virtual void CollectLinks(GcScope valid)
    {
        // Other kinds end with the pod's namespace.
        if (LinkKind == VethLink.Kind)
            VethPair.DeleteAllBut(valid);
    }

    /// <summary>What takes the link away in a DEL.</summary>
    internal virtual LinkRemoval RemovalOf(CniInvocation call, AttachmentTag tag) => new(call, tag, LinkKind);
}
