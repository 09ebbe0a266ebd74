using Cni;
using Plugins;

namespace CniPlugin;

/// <summary>Every plugin that this executable is, by the name under which it is called. A literal table: no reflection at start-up.</summary>
internal static class PluginTable
{
    /// <summary>The names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Types => ["bridge", "firewall", "host-local", "loopback", "sbr", "static", "tuning", "vrf"];

    /// <summary>The plugin of a name; null if there is none.</summary>
    public static ICniPlugin? Create(string type) => type switch
    {
        "bridge" => new BridgePlugin(),
        "firewall" => new FirewallPlugin(),
        "host-local" => new HostLocalPlugin(),
        "loopback" => new LoopbackPlugin(),
        "sbr" => new SbrPlugin(),
        "static" => new StaticPlugin(),
        "tuning" => new TuningPlugin(),
        "vrf" => new VrfPlugin(),
        _ => null,
    };
}
