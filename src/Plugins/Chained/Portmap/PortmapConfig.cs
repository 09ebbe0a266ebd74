using Cni;
using Plugins.Configuration;

namespace Plugins.Chained.Portmap;

/// <summary>The keys of the <c>portmap</c> plugin as they stand in the configuration; docs/portmap.md says what they mean.</summary>
internal sealed class PortmapConfig
{
    public string Backend { get; private set; } = "";

    public bool Snat { get; private set; } = true;

    public bool MasqAll { get; private set; }

    public int? MarkMasqBit { get; private set; }

    public string ExternalSetMarkChain { get; private set; } = "";

    public IReadOnlyList<string> ConditionsV4 { get; private set; } = [];

    public IReadOnlyList<string> ConditionsV6 { get; private set; } = [];

    /// <summary><c>runtimeConfig.portMappings</c>.</summary>
    public IReadOnlyList<PortMappingConfig> PortMappings { get; private set; } = [];

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static PortmapConfig Read(JsonCursor json)
    {
        PortmapConfig config = new();
        json.EnterObject();
        while (json.NextMember())
            config.ReadMember(ref json);
        return config;
    }

    private void ReadMember(ref JsonCursor json)
    {
        if (json.Is("backend"u8))
            Backend = json.String();
        else if (json.Is("snat"u8))
            Snat = json.Boolean();
        else if (json.Is("masqAll"u8))
            MasqAll = json.Boolean();
        else if (json.Is("markMasqBit"u8))
            MarkMasqBit = json.Int32();
        else if (json.Is("externalSetMarkChain"u8))
            ExternalSetMarkChain = json.String();
        else if (json.Is("conditionsV4"u8))
            ConditionsV4 = json.Strings();
        else if (json.Is("conditionsV6"u8))
            ConditionsV6 = json.Strings();
        else if (json.Is("runtimeConfig"u8))
            ReadRuntimeConfig(ref json);
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("portMappings"u8))
                PortMappings = PortMappingConfig.ReadList(ref json);
        }
    }
}
