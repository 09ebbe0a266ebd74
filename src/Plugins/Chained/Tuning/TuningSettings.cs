using Cni;
using Linux.Addresses;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Chained.Tuning;

/// <summary>A <c>tuning</c> configuration that has been found good, with all its sources made one.</summary>
internal sealed record TuningSettings
{
    /// <summary>No two of one path.</summary>
    public required IReadOnlyList<SysctlSetting> Sysctls { get; init; }

    /// <summary>What is asked for of the interface. Null members are to stay as they are.</summary>
    public required LinkChange Link { get; init; }

    /// <summary>Where records are kept.</summary>
    public required string DataDir { get; init; }

    /// <summary>Whether the interface is to be changed at all.</summary>
    public bool ChangesLink => Link != new LinkChange();

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Sysctls.Count == 0 && !ChangesLink;

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static TuningSettings Read(CniInvocation call)
    {
        TuningConfig config = TuningConfig.Read(call.Config());
        (TuningKeys keys, TuningKeys args) = (config.Keys, config.Args);
        return new TuningSettings
        {
            Sysctls = Merge(Parse(keys, "sysctl", call.IfName), Parse(args, "args.cni.sysctl", call.IfName)),
            Link = new LinkChange
            {
                Mac = ReadMac(call, config),
                // Only true asks for something.
                Promiscuous = keys.Promisc || args.Promisc ? true : null,
                Mtu = RequestedMtu.Check(args.Mtu != 0 ? args.Mtu : keys.Mtu),
                AllMulticast = args.AllMulti ?? keys.AllMulti,
                TxQueueLength = CheckQueue(args.TxQLen ?? keys.TxQLen),
            },
            DataDir = config.DataDir,
        };
    }

    private static List<SysctlSetting> Parse(TuningKeys keys, string source, string ifName)
    {
        List<SysctlSetting> settings = [];
        foreach ((string key, string value) in keys.Sysctl)
        {
            SysctlSetting setting = SysctlSetting.Parse(key, value, ifName);
            foreach (SysctlSetting other in settings)
            {
                if (other.Path == setting.Path)
                {
                    throw CniException.InvalidConfig(
                        $"{source}: \"{key}\" is duplicated, it means the same as \"{other.Key}\" before it; remove one of them");
                }
            }
            settings.Add(setting);
        }
        return settings;
    }

    private static List<SysctlSetting> Merge(List<SysctlSetting> weak, List<SysctlSetting> strong) =>
        [.. weak.Where(setting => !strong.Exists(other => other.Path == setting.Path)), .. strong];

    /// <summary>Unlike for interface plugins, <c>args.cni.mac</c> is the strongest source here, as in the reference.</summary>
    private static MacAddress? ReadMac(CniInvocation call, TuningConfig config)
    {
        MacAddress? configured = RequestedMac.Parse(CniErrorCode.InvalidNetworkConfig, "mac", config.Keys.Mac);
        MacAddress? environment = RequestedMac.Parse(CniErrorCode.InvalidEnvironment, "CNI_ARGS MAC", call.Args.Find("MAC"));
        MacAddress? runtime = RequestedMac.Parse(CniErrorCode.InvalidNetworkConfig, "runtimeConfig.mac", config.RuntimeMac);
        MacAddress? args = RequestedMac.Parse(CniErrorCode.InvalidNetworkConfig, "args.cni.mac", config.Args.Mac);
        return args ?? runtime ?? environment ?? configured;
    }

    private static int? CheckQueue(int? packets) => packets is null or >= 0
        ? packets
        : throw CniException.InvalidConfig($"txQLen is {packets}; use 0 or more packets");
}
