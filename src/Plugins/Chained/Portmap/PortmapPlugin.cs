using Cni;
using Datapath.Attachments;
using Datapath.Node;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Route;
using Plugins.Configuration;
using Plugins.Migration;

namespace Plugins.Chained.Portmap;

/// <summary>
/// <c>portmap</c>: publishes ports of a pod on the host (<c>runtimeConfig.portMappings</c>). Keys and their meaning: docs/portmap.md. What
/// it makes is found again by <see cref="AttachmentTag"/>.
/// </summary>
public sealed class PortmapPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "portmap";

    /// <inheritdoc/>
    public override void Del(CniInvocation call)
    {
        using NftClient nft = NftClient.Open();
        PortmapSettings? told = TryReadSettings(call);
        IpPrefix[] addresses = [.. call.ReadablePrevResult?.Ips.Select(static ip => ip.Address) ?? []];
        List<PublishedPort> removed = [];
        BestEffortSteps cleanUp = new();
        cleanUp.Try(() => removed = PortsOf(call).Remove(nft, told, addresses));
        bool mayBeOfReference = removed.Count == 0 && told is { Mappings.Count: > 0 };
        bool isOfReference = false;
        cleanUp.Try(() => isOfReference = ReferenceCleanup.RemovePortMappings(nft, call, addresses, mayBeOfReference));
        // Its rules tell no ports in a form that is worth reading.
        if (mayBeOfReference && isOfReference)
            removed = PublishedPorts.Of(told!, addresses);
        cleanUp.Try(() => StaleConnections.ForgetOwn(call, removed));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override void Gc(CniInvocation call)
    {
        using NftClient nft = NftClient.Open();
        BestEffortSteps cleanUp = new();
        cleanUp.Try(() => StaleConnections.ForgetOwn(call, PublishedPorts.RemoveAllBut(nft, new GcScope(call))));
        cleanUp.Try(() => ReferenceCleanup.RemovePortMappingsAllBut(nft, call));
        cleanUp.Try(() =>
        {
            using RouteClient host = RouteClient.Open();
            ServiceAddresses.Clean(nft, host);
        });
        cleanUp.ThrowIfFailed();
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        PortmapSettings settings = PortmapSettings.Read(call);
        if (settings.Mappings.Count == 0)
            return;
        IpPrefix[] addresses = PublishedAddresses(call, settings, result);
        if (addresses.Length == 0)
            return;
        if (settings.ExternalSetMarkChain.Length > 0)
        {
            call.Warn($"externalSetMarkChain \"{settings.ExternalSetMarkChain}\" is not needed and not called: "
                + "what that chain would have marked is masqueraded by this plugin itself, without a mark");
        }
        using RouteClient host = RouteClient.Open();
        if (LocalhostAddress(settings, addresses) is { } address)
            LocalhostRouting.EnableTowards(host, address.Address);
        if (settings.Masquerade != PortMasquerade.None)
            BridgePortHairpin.EnableWhereNeeded(host, result, undo);
        using NftClient nft = NftClient.Open();
        List<PublishedPort> published = PortsOf(call).Add(nft, settings, addresses, undo);
        ServiceAddresses.Update(nft, host);
        StaleConnections.ForgetOthers(call, host, published);
    }

    private protected override void Compare(CniInvocation call, CniResult result)
    {
        PortmapSettings settings = PortmapSettings.Read(call);
        if (settings.Mappings.Count == 0)
            return;
        IpPrefix[] addresses = PublishedAddresses(call, settings, result);
        using NftClient nft = NftClient.Open();
        PortsOf(call).Check(nft, settings, addresses);
        if (LocalhostAddress(settings, addresses) is not { } address)
            return;
        using RouteClient host = RouteClient.Open();
        LocalhostRouting.Check(host, address.Address);
    }

    private static PublishedPorts PortsOf(CniInvocation call) => new(new AttachmentTag(call));

    /// <summary>The pod's first address of each family that ports are published in.</summary>
    /// <exception cref="CniException">The pod has no address at all.</exception>
    private static IpPrefix[] PublishedAddresses(CniInvocation call, PortmapSettings settings, CniResult result)
    {
        List<IpPrefix> addresses = [];
        foreach (IpFamily family in IpFamily.Both)
        {
            if (result.IpsOf(call.IfName).FirstOrDefault(ip => ip.Address.Family == family) is { } ip)
                addresses.Add(ip.Address);
        }
        if (addresses.Count == 0)
        {
            throw CniException.InvalidConfig(
                $"prevResult has no address of {call.IfName}, so no port can be published; add an ipam section, or remove the port "
                + "mappings");
        }
        foreach (PortMapping mapping in settings.Mappings.Where(mapping => !addresses.Exists(address => mapping.IsOf(address.Family))))
        {
            call.Warn(
                $"{mapping} is not published: the container has no address of the family of hostIP {IpText.Format(mapping.HostAddress!)}");
        }
        return [.. addresses.Where(address => settings.Mappings.Any(mapping => mapping.IsOf(address.Family)))];
    }

    /// <summary>The address that must be reached from 127.0.0.1; null if there is none. IPv6 has no such switch.</summary>
    private static IpPrefix? LocalhostAddress(PortmapSettings settings, IpPrefix[] addresses) =>
        settings.Masquerade == PortMasquerade.None
            ? null
            : addresses.Where(static address => !address.IsIPv6).Select(static address => (IpPrefix?)address).FirstOrDefault();

    /// <summary>What the runtime says to have published; null if it makes no sense, which a DEL must survive.</summary>
    private static PortmapSettings? TryReadSettings(CniInvocation call)
    {
        try
        {
            return PortmapSettings.Read(call);
        }
        catch (CniException e)
        {
            call.Warn(e.Message);
            return null;
        }
    }
}
