using Cni;

namespace Plugins.Chained.Sbr;

/// <summary>The keys of the <c>sbr</c> plugin as they stand in the configuration.</summary>
internal sealed class SbrConfig
{
    public long? Table { get; private set; }

    public List<System.Net.IPAddress> Gateways { get; } = [];

    public bool AddSourceHints { get; private set; }

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static SbrConfig Read(JsonCursor json)
    {
        SbrConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("table"u8))
                config.Table = json.Int64();
            else if (json.Is("gateways"u8))
                config.ReadGateways(ref json);
            else if (json.Is("addSourceHints"u8))
                config.AddSourceHints = json.Boolean();
        }
        return config;
    }

    private void ReadGateways(ref JsonCursor json)
    {
        Gateways.Clear();
        json.EnterArray();
        while (json.NextElement())
            Gateways.Add(json.Address() ?? throw json.Invalid("an address"));
    }
}
