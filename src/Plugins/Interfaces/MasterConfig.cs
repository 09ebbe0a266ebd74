using Cni;

namespace Plugins.Interfaces;

/// <summary>
/// The keys of every plugin whose link stands on another interface, as they stand in the configuration: <c>master</c>,
/// <c>linkInContainer</c>, <c>mtu</c>, <c>enabledad</c> and <c>routeMetric</c>.
/// </summary>
internal sealed class MasterConfig
{
    public string Master { get; private set; } = "";

    public bool LinkInContainer { get; private set; }

    public int Mtu { get; private set; }

    public bool EnableDad { get; private set; }

    public int? RouteMetric { get; private set; }

    /// <summary>Reads a member of the configuration.</summary>
    /// <returns>Whether it is one of these.</returns>
    /// <exception cref="CniException">The value has the wrong type.</exception>
    public bool ReadMember(ref JsonCursor json)
    {
        if (json.Is("master"u8))
            Master = json.String();
        else if (json.Is("linkInContainer"u8))
            LinkInContainer = json.Boolean();
        else if (json.Is("mtu"u8))
            Mtu = json.Int32();
        else if (json.Is("enabledad"u8))
            EnableDad = json.Boolean();
        else if (json.Is("routeMetric"u8))
            RouteMetric = Configuration.RouteMetric.Read(ref json);
        else
            return false;
        return true;
    }
}
