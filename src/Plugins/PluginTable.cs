using Cni;
using Plugins.Chained.Bandwidth;
using Plugins.Chained.Firewall;
using Plugins.Chained.Portmap;
using Plugins.Chained.Sbr;
using Plugins.Chained.Tuning;
using Plugins.Chained.Vrf;
using Plugins.Interfaces.Bridge;
using Plugins.Interfaces.Dummy;
using Plugins.Interfaces.HostDevice;
using Plugins.Interfaces.Ipvlan;
using Plugins.Interfaces.Loopback;
using Plugins.Interfaces.Macvlan;
using Plugins.Interfaces.Ptp;
using Plugins.Interfaces.Tap;
using Plugins.Interfaces.Vlan;
using Plugins.Ipam;
using Plugins.Ipam.Dhcp;
using Plugins.Ipam.HostLocal;
using Plugins.Ipam.Static;

namespace Plugins;

/// <summary>Every plugin that this executable is, by the name under which it is called. A literal table: no reflection at start-up.</summary>
public static class PluginTable
{
    /// <summary>The names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Types => ["bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf"];

    /// <summary>The plugin of a name; null if there is none.</summary>
    public static ICniPlugin? Create(string type) => type switch
    {
        "bandwidth" => new BandwidthPlugin(),
        "bridge" => new BridgePlugin(new IpamPlugins(CreateIpam)),
        "dummy" => new DummyPlugin(new IpamPlugins(CreateIpam)),
        "firewall" => new FirewallPlugin(),
        "host-device" => new HostDevicePlugin(new IpamPlugins(CreateIpam)),
        "ipvlan" => new IpvlanPlugin(new IpamPlugins(CreateIpam)),
        "loopback" => new LoopbackPlugin(),
        "macvlan" => new MacvlanPlugin(new IpamPlugins(CreateIpam)),
        "portmap" => new PortmapPlugin(),
        "ptp" => new PtpPlugin(new IpamPlugins(CreateIpam)),
        "sbr" => new SbrPlugin(),
        "tap" => new TapPlugin(new IpamPlugins(CreateIpam)),
        "tuning" => new TuningPlugin(),
        "vlan" => new VlanPlugin(new IpamPlugins(CreateIpam)),
        "vrf" => new VrfPlugin(),
        _ => CreateIpam(type),
    };

    private static IIpamPlugin? CreateIpam(string type) => type switch
    {
        DhcpPlugin.TypeName => new DhcpPlugin(),
        HostLocalPlugin.TypeName => new HostLocalPlugin(AttachmentRemains.Remove),
        StaticPlugin.TypeName => new StaticPlugin(),
        _ => null,
    };
}
