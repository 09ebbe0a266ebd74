using Cni;
using Plugins.Configuration;

namespace Plugins.Interfaces.Tap;

/// <summary>The keys of the <c>tap</c> plugin as they stand in the configuration; docs/tap.md says what they mean.</summary>
internal sealed class TapConfig
{
    public bool MultiQueue { get; private set; }

    public int Mtu { get; private set; }

    public string Mac { get; private set; } = "";

    /// <summary><c>runtimeConfig.mac</c>.</summary>
    public string RuntimeMac { get; private set; } = "";

    public uint? Owner { get; private set; }

    public uint? Group { get; private set; }

    public string SelinuxContext { get; private set; } = "";

    public string Bridge { get; private set; } = "";

    public int? RouteMetric { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static TapConfig Read(JsonCursor json)
    {
        TapConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("multiQueue"u8))
                config.MultiQueue = json.Boolean();
            else if (json.Is("mtu"u8))
                config.Mtu = json.Int32();
            else if (json.Is("mac"u8))
                config.Mac = json.String();
            else if (json.Is("owner"u8))
                config.Owner = json.UInt32();
            else if (json.Is("group"u8))
                config.Group = json.UInt32();
            else if (json.Is("selinuxContext"u8))
                config.SelinuxContext = json.String();
            else if (json.Is("bridge"u8))
                config.Bridge = json.String();
            else if (json.Is("routeMetric"u8))
                config.RouteMetric = Configuration.RouteMetric.Read(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.RuntimeMac = RequestedMac.ReadMember(ref json);
        }
        return config;
    }
}
