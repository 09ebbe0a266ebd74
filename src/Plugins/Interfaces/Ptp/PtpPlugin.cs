using Cni;
using Datapath.Attachments;
using Netlink.Route.Links;
using Plugins.Ipam;
using Plugins.Masquerade;
using Plugins.Migration;

namespace Plugins.Interfaces.Ptp;

/// <summary>
/// <c>ptp</c>: a veth pair between a pod and the host, whose end of it is the pod's gateway. Keys and their meaning: docs/ptp.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class PtpPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    internal const string TypeName = "ptp";

    /// <inheritdoc/>
    public override string Type => TypeName;

    internal override string? LinkKind => VethLink.Kind;

    internal override IReadOnlyList<AttachmentRules> Rules => [PodMasquerade.Rules, ReferenceCleanup.OfPtp];

    internal override IInterfaceDriver Read(CniInvocation call) => new PtpDriver(PtpSettings.Read(call));
}
