using Cni;
using Plugins;

namespace CniPlugin;

/// <summary>Every plugin that this executable is, by the name under which it is called. A literal table: no reflection at start-up.</summary>
internal static class PluginTable
{
    /// <summary>The names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Types => ["bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf"];

    /// <summary>The plugin of a name; null if there is none.</summary>
    public static ICniPlugin? Create(string type) => type switch
    {
        "bandwidth" => new BandwidthPlugin(),
        "bridge" => new BridgePlugin(),
        "dhcp" => new DhcpPlugin(),
        "dummy" => new DummyPlugin(),
        "firewall" => new FirewallPlugin(),
        "host-device" => new HostDevicePlugin(),
        "host-local" => new HostLocalPlugin(),
        "ipvlan" => new IpvlanPlugin(),
        "loopback" => new LoopbackPlugin(),
        "macvlan" => new MacvlanPlugin(),
        "portmap" => new PortmapPlugin(),
        "ptp" => new PtpPlugin(),
        "sbr" => new SbrPlugin(),
        "static" => new StaticPlugin(),
        "tap" => new TapPlugin(),
        "tuning" => new TuningPlugin(),
        "vlan" => new VlanPlugin(),
        "vrf" => new VrfPlugin(),
        _ => null,
    };
}
