using Cni;
using Linux;
using Netlink.Nftables;
using Netlink.Route;

namespace Plugins;

/// <summary>
/// <c>bridge</c>: joins a pod to a bridge on the host by a veth pair, with addresses from IPAM or on layer 2 alone. Keys and their
/// meaning: docs/bridge.md. What it makes is found again by <see cref="AttachmentTag"/>.
/// </summary>
public sealed class BridgePlugin : ICniPlugin
{
    /// <inheritdoc/>
    public string Type => "bridge";

    /// <inheritdoc/>
    public CniResult Add(CniInvocation invocation)
    {
        BridgeSettings settings = BridgeSettings.Read(invocation);
        if (settings.IpamType is null && !new CniResult().CanBeWrittenAs(invocation.CniVersion, out string? problem))
            throw new CniException(CniErrorCode.InvalidNetworkConfig, $"{problem}, or add an ipam section");
        // Closed behind the undoing, which needs it.
        using RouteClient host = RouteClient.Open();
        return UndoStack.Run(invocation, undo => new BridgeAttachment(invocation, settings, host, undo).Add());
    }

    /// <summary>
    /// Removes the link, then what else stands in the kernel, then the addresses: none is free again while something still uses it.
    /// Of the configuration only the IPAM type is looked at, since it may have changed since the ADD.
    /// </summary>
    public void Del(CniInvocation invocation)
    {
        AttachmentTag tag = new(invocation.Network, invocation.ContainerId, invocation.IfName);
        CleanUp cleanUp = new();
        IReadOnlyList<IpPrefix> own = [];
        using VethRemoval link = new(invocation, tag);
        NftClient? nft = null;
        cleanUp.Try(() => own = link.Begin());
        cleanUp.Try(() => PodMasquerade.Remove(nft = NftClient.Open(), tag, own, AddressesTold(invocation)));
        cleanUp.Try(IpamPlugin.WarmUp);
        cleanUp.Try(link.Complete);
        // Not before the link is gone: the two waits in the kernel would come one after the other.
        nft?.Dispose();
        cleanUp.Try(() => IpamPlugin.FromConfig(invocation)?.Del(invocation));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public void Check(CniInvocation invocation) => new BridgeCheck(invocation, BridgeSettings.Read(invocation)).Run();

    /// <inheritdoc/>
    public void Status(CniInvocation invocation) => IpamPlugin.FromConfig(invocation)?.Status(invocation);

    /// <inheritdoc/>
    public void Gc(CniInvocation invocation)
    {
        ValidTags valid = new(invocation);
        CleanUp cleanUp = new();
        cleanUp.Try(() => VethPair.DeleteAllBut(valid));
        cleanUp.Try(() => PodMasquerade.RemoveAllBut(valid));
        cleanUp.Try(() => IpamPlugin.FromConfig(invocation)?.Gc(invocation));
        cleanUp.ThrowIfFailed();
    }

    private static IReadOnlyList<IpPrefix> AddressesTold(CniInvocation del) =>
        [.. del.ReadablePrevResult?.Ips.Select(static ip => ip.Address) ?? []];
}
