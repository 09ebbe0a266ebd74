using Cni;
using Plugins.Configuration;

namespace Plugins.Interfaces.Macvlan;

/// <summary>The keys of the <c>macvlan</c> plugin as they stand in the configuration; docs/macvlan.md says what they mean.</summary>
internal sealed class MacvlanConfig
{
    public MasterConfig Link { get; } = new();

    public string Mode { get; private set; } = "";

    public string Mac { get; private set; } = "";

    /// <summary><c>runtimeConfig.mac</c>.</summary>
    public string RuntimeMac { get; private set; } = "";

    /// <summary><c>bcqueuelen</c>, frames.</summary>
    public uint BroadcastQueueLength { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static MacvlanConfig Read(JsonCursor json)
    {
        MacvlanConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mode"u8))
                config.Mode = json.String();
            else if (json.Is("mac"u8))
                config.Mac = json.String();
            else if (json.Is("bcqueuelen"u8))
                config.BroadcastQueueLength = json.UInt32();
            else if (json.Is("runtimeConfig"u8))
                config.RuntimeMac = RequestedMac.ReadMember(ref json);
            else
                _ = config.Link.ReadMember(ref json);
        }
        return config;
    }
}
