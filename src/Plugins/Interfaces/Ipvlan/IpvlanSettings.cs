using Cni;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Interfaces.Ipvlan;

/// <summary>An <c>ipvlan</c> configuration that has been found good.</summary>
internal sealed record IpvlanSettings
{
    public required InterfaceSettings Pod { get; init; }

    public required MasterInterface Master { get; init; }

    public required IpvlanMode Mode { get; init; }

    /// <summary>Bytes; null for the master's.</summary>
    public required int? Mtu { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static IpvlanSettings Read(CniInvocation call)
    {
        IpvlanConfig config = IpvlanConfig.Read(call.Config());
        // At CHECK the prevResult is the chain's own result and says nothing of what came before.
        CniResult? chained = call.Verb == CniVerb.Add ? call.PrevResult : null;
        CniResult? given = chained is { Ips.Count: > 0 } && call.IpamType is null ? chained : null;
        MasterInterface master = MasterInterface.Check(config.Link, fallback: () => chained is null ? "" : OnlyInterface(chained));
        return new IpvlanSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = given is not null || call.Verb == CniVerb.Check ? call.IpamType : InterfaceSettings.RequireIpam(call, "ipvlan"),
                Given = given,
                Dns = call.Dns,
                DuplicateAddressDetection = config.Link.EnableDad,
                RouteMetric = config.Link.RouteMetric,
            },
            Master = master,
            Mode = ModeOf(config.Mode),
            Mtu = RequestedMtu.Check(config.Link.Mtu),
        };
    }

    private static string OnlyInterface(CniResult chained) => chained.Interfaces is [{ Name.Length: > 0 } only]
        ? only.Name
        : throw CniException.InvalidConfig(
            $"chained master failure: master is missing, and prevResult has {chained.Interfaces.Count} interfaces where one is needed to "
            + "serve as master; add the key");

    /// <summary>A mode as the configuration calls it.</summary>
    public static string WordOf(IpvlanMode mode) => mode switch
    {
        IpvlanMode.L2 => "l2",
        IpvlanMode.L3 => "l3",
        IpvlanMode.L3S => "l3s",
        _ => mode.ToString(),
    };

    private static IpvlanMode ModeOf(string text) => text switch
    {
        "" or "l2" => IpvlanMode.L2,
        "l3" => IpvlanMode.L3,
        "l3s" => IpvlanMode.L3S,
        _ => throw CniException.InvalidConfig($"mode is \"{text}\"; use l2, l3 or l3s"),
    };
}
