using Cni;

namespace Plugins.Interfaces.Ipvlan;

/// <summary>The keys of the <c>ipvlan</c> plugin as they stand in the configuration; docs/ipvlan.md says what they mean.</summary>
internal sealed class IpvlanConfig
{
    public MasterConfig Link { get; } = new();

    public string Mode { get; private set; } = "";

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static IpvlanConfig Read(JsonCursor json)
    {
        IpvlanConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mode"u8))
                config.Mode = json.String();
            else
                _ = config.Link.ReadMember(ref json);
        }
        return config;
    }
}
