using Cni;
using Plugins.Chained.Bandwidth;
using Plugins.Chained.Endpoint;
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

/// <summary>
/// Every plugin that this executable is, by the name under which it is called. A literal table: no reflection at start-up.
/// </summary>
public static class PluginTable
{
    // A property: the initializer of a field would run at every start.
    private static (string Type, Func<ICniPlugin> Create)[] All =>
    [
        ("bandwidth", static () => new BandwidthPlugin()),
        ("bridge", static () => new BridgePlugin(OwnIpam)),
        (DhcpPlugin.TypeName, static () => new DhcpPlugin()),
        ("dummy", static () => new DummyPlugin(OwnIpam)),
        ("endpoint", static () => new EndpointPlugin()),
        ("firewall", static () => new FirewallPlugin()),
        ("host-device", static () => new HostDevicePlugin(OwnIpam)),
        (HostLocalPlugin.TypeName, static () => new HostLocalPlugin(AttachmentRemains.Remove)),
        ("ipvlan", static () => new IpvlanPlugin(OwnIpam)),
        ("loopback", static () => new LoopbackPlugin()),
        ("macvlan", static () => new MacvlanPlugin(OwnIpam)),
        ("portmap", static () => new PortmapPlugin()),
        ("ptp", static () => new PtpPlugin(OwnIpam)),
        ("sbr", static () => new SbrPlugin()),
        (StaticPlugin.TypeName, static () => new StaticPlugin()),
        ("tap", static () => new TapPlugin(OwnIpam)),
        ("tuning", static () => new TuningPlugin()),
        ("vlan", static () => new VlanPlugin(OwnIpam)),
        ("vrf", static () => new VrfPlugin()),
    ];

    /// <summary>The names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Types => [.. All.Select(static plugin => plugin.Type)];

    private static IpamPlugins OwnIpam => new(static type => Create(type) as IIpamPlugin);

    /// <summary>The plugin of a name; null if there is none.</summary>
    public static ICniPlugin? Create(string type) => Array.Find(All, plugin => plugin.Type == type).Create?.Invoke();
}
