using Cni;
using Plugins.Configuration;

namespace Plugins.Ipam.Static;

/// <summary>The keys of <c>static</c> as they stand in the configuration; docs/static.md says what they mean.</summary>
internal sealed class StaticConfig
{
    public bool HasSection { get; private set; }

    public IReadOnlyList<StaticAddressConfig> Addresses { get; private set; } = [];

    public IReadOnlyList<CniRoute> Routes { get; private set; } = [];

    /// <summary><c>ipam.dns</c>; null if there is none.</summary>
    public CniDns? Dns { get; private set; }

    /// <summary><c>args.cni.ips</c>.</summary>
    public IReadOnlyList<string> ArgsIps { get; private set; } = [];

    /// <summary><c>runtimeConfig.ips</c>.</summary>
    public IReadOnlyList<string> RuntimeIps { get; private set; } = [];

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static StaticConfig Read(JsonCursor json)
    {
        StaticConfig config = new();
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
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("addresses"u8))
                Addresses = StaticAddressConfig.ReadList(ref json);
            else if (json.Is("routes"u8))
                Routes = CniRoute.ReadList(ref json);
            else if (json.Is("dns"u8))
                Dns = CniDns.Read(ref json);
        }
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("ips"u8))
                RuntimeIps = json.Strings();
        }
    }
}
