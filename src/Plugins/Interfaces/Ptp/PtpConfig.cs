using Cni;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Ptp;

/// <summary>The keys of the <c>ptp</c> plugin as they stand in the configuration; docs/ptp.md says what they mean.</summary>
internal sealed class PtpConfig
{
    public MasqueradeConfig Masquerade { get; } = new();

    public int Mtu { get; private set; }

    public int? RouteMetric { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static PtpConfig Read(JsonCursor json)
    {
        PtpConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mtu"u8))
                config.Mtu = json.Int32();
            else if (json.Is("routeMetric"u8))
                config.RouteMetric = Configuration.RouteMetric.Read(ref json);
            else
                _ = config.Masquerade.ReadMember(ref json);
        }
        return config;
    }
}
