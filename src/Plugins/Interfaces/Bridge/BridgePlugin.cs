using Cni;
using Datapath.Attachments;
using Netlink.Route.Links;
using Plugins.Ipam;
using Plugins.Masquerade;
using Plugins.Migration;

namespace Plugins.Interfaces.Bridge;

/// <summary>
/// <c>bridge</c>: joins a pod to a bridge on the host by a veth pair, with addresses from IPAM or on layer 2 alone. Keys and their
/// meaning: docs/bridge.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class BridgePlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "bridge";

    internal override string? LinkKind => VethLink.Kind;

    internal override IReadOnlyList<AttachmentRules> Rules => [PodMasquerade.Rules, MacSpoofCheck.Rules, ReferenceCleanup.OfBridge];

    internal override IInterfaceDriver Read(CniInvocation call) => new BridgeDriver(BridgeSettings.Read(call));
}
