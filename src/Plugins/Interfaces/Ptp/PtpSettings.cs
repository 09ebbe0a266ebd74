using Cni;
using Plugins.Configuration;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Ptp;

/// <summary>A <c>ptp</c> configuration that has been found good.</summary>
internal sealed record PtpSettings
{
    /// <summary>Null if nothing is masqueraded.</summary>
    public required MasqueradeSettings? Masquerade { get; init; }

    /// <summary>Bytes; null leaves it to the kernel.</summary>
    public required int? Mtu { get; init; }

    public required InterfaceSettings Pod { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static PtpSettings Read(CniInvocation call)
    {
        PtpConfig config = PtpConfig.Read(call.Config());
        return new PtpSettings
        {
            Masquerade = MasqueradeSettings.Check(config.Masquerade),
            Mtu = RequestedMtu.Check(config.Mtu),
            Pod = new InterfaceSettings
            {
                IpamType = InterfaceSettings.RequireIpam(call, PtpPlugin.TypeName),
                Dns = call.Dns,
                RouteMetric = config.RouteMetric,
            },
        };
    }
}
