using Cni;
using Plugins.Configuration;

namespace Plugins.Ipam.HostLocal;

/// <summary>The keys of <c>host-local</c> as they stand in the configuration; docs/host-local.md says what they mean.</summary>
internal sealed class HostLocalConfig
{
    public bool HasSection { get; private set; }

    /// <summary>The single range of the section itself; null if it names none.</summary>
    public RangeConfig? Range { get; private set; }

    public IReadOnlyList<IReadOnlyList<RangeConfig>> Ranges { get; private set; } = [];

    public IReadOnlyList<CniRoute> Routes { get; private set; } = [];

    public string DataDir { get; private set; } = "";

    public string ResolvConf { get; private set; } = "";

    public bool StatusOnExhaustion { get; private set; }

    /// <summary><c>args.cni.ips</c>.</summary>
    public IReadOnlyList<string> ArgsIps { get; private set; } = [];

    /// <summary><c>runtimeConfig.ips</c>.</summary>
    public IReadOnlyList<string> RuntimeIps { get; private set; } = [];

    /// <summary><c>runtimeConfig.ipRanges</c>.</summary>
    public IReadOnlyList<IReadOnlyList<RangeConfig>> RuntimeRanges { get; private set; } = [];

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static HostLocalConfig Read(JsonCursor json)
    {
        HostLocalConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("ipam"u8))
                config.ReadSection(ref json);
            else if (json.Is("args"u8))
                config.ArgsIps = ArgsConfig.ReadIps(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.ReadRuntimeConfig(ref json);
        }
        return config;
    }

    private void ReadSection(ref JsonCursor json)
    {
        HasSection = true;
        RangeConfig range = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("ranges"u8))
                Ranges = RangeConfig.ReadSets(ref json);
            else if (json.Is("routes"u8))
                Routes = CniRoute.ReadList(ref json);
            else if (json.Is("dataDir"u8))
                DataDir = json.String();
            else if (json.Is("resolvConf"u8))
                ResolvConf = json.String();
            else if (json.Is("statusOnExhaustion"u8))
                StatusOnExhaustion = json.Boolean();
            else
                range.ReadMember(ref json);
        }
        Range = range.IsEmpty ? null : range;
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("ips"u8))
                RuntimeIps = json.Strings();
            else if (json.Is("ipRanges"u8))
                RuntimeRanges = RangeConfig.ReadSets(ref json);
        }
    }
}
