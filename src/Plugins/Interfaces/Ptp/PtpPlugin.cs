using Cni;

namespace Plugins;

/// <summary>
/// <c>ptp</c>: a veth pair between a pod and the host, whose end of it is the pod's gateway. Keys and their meaning: docs/ptp.md.
/// </summary>
public sealed class PtpPlugin : MainPlugin
{
    internal const string TypeName = "ptp";

    /// <inheritdoc/>
    public override string Type => TypeName;

    internal override string? LinkKind => VethPair.Kind;

    internal override IReadOnlyList<PodRules> Rules => [PodMasquerade.Rules, ReferenceState.OfPtp];

    internal override ILinkStep Read(CniInvocation call) => new PtpStep(PtpSettings.Read(call));
}
