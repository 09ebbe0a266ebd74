using Cni;
using Linux.Addresses;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Interfaces.Macvlan;

/// <summary>A <c>macvlan</c> configuration that has been found good.</summary>
internal sealed record MacvlanSettings
{
    public required InterfaceSettings Pod { get; init; }

    public required MasterInterface Master { get; init; }

    public required MacvlanMode Mode { get; init; }

    /// <summary>Bytes; null for the master's.</summary>
    public required int? Mtu { get; init; }

    /// <summary>Null for a random one, or for the master's where it is passed through.</summary>
    public required MacAddress? Mac { get; init; }

    /// <summary>Frames; null for the kernel's default.</summary>
    public required uint? BroadcastQueueLength { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static MacvlanSettings Read(CniInvocation call)
    {
        MacvlanConfig config = MacvlanConfig.Read(call.Config());
        return new MacvlanSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = call.IpamType,
                Dns = call.Dns,
                DuplicateAddressDetection = config.Link.EnableDad,
                RouteMetric = config.Link.RouteMetric,
            },
            Master = MasterInterface.Check(config.Link),
            Mode = ModeOf(config.Mode),
            Mtu = RequestedMtu.Check(config.Link.Mtu),
            Mac = RequestedMac.ReadOverConfig(call, config.Mac, config.RuntimeMac),
            BroadcastQueueLength = config.BroadcastQueueLength > 0 ? config.BroadcastQueueLength : null,
        };
    }

    /// <summary>A mode as the configuration calls it.</summary>
    public static string WordOf(MacvlanMode mode) => mode switch
    {
        MacvlanMode.Bridge => "bridge",
        MacvlanMode.Private => "private",
        MacvlanMode.Vepa => "vepa",
        MacvlanMode.PassThrough => "passthru",
        _ => mode.ToString(),
    };

    private static MacvlanMode ModeOf(string text) => text switch
    {
        "" or "bridge" => MacvlanMode.Bridge,
        "private" => MacvlanMode.Private,
        "vepa" => MacvlanMode.Vepa,
        "passthru" => MacvlanMode.PassThrough,
        _ => throw CniException.InvalidConfig($"mode is \"{text}\"; use bridge, private, vepa or passthru"),
    };
}
