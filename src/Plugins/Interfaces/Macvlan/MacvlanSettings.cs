using Cni;
using Linux.Addresses;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Interfaces.Macvlan;

/// <summary>A <c>macvlan</c> configuration that has been found good; docs/macvlan.md says what its keys mean.</summary>
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
        string master = "", mode = "", mac = "", runtimeMac = "";
        bool inContainer = false, enableDad = false;
        int mtu = 0;
        uint broadcastQueue = 0;
        int? routeMetric = null;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("master"u8))
                master = json.String();
            else if (json.Is("mode"u8))
                mode = json.String();
            else if (json.Is("mtu"u8))
                mtu = json.Int32();
            else if (json.Is("mac"u8))
                mac = json.String();
            else if (json.Is("linkInContainer"u8))
                inContainer = json.Boolean();
            else if (json.Is("bcqueuelen"u8))
                broadcastQueue = json.UInt32();
            else if (json.Is("enabledad"u8))
                enableDad = json.Boolean();
            else if (json.Is("routeMetric"u8))
                routeMetric = RouteMetric.Read(ref json);
            else if (json.Is("runtimeConfig"u8))
                runtimeMac = RequestedMac.ReadMember(ref json);
        }
        return new MacvlanSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = call.IpamType,
                Dns = call.Dns,
                DuplicateAddressDetection = enableDad,
                RouteMetric = routeMetric,
            },
            Master = new MasterInterface(master, inContainer).Checked(),
            Mode = ModeOf(mode),
            Mtu = RequestedMtu.Check(mtu),
            Mac = RequestedMac.ReadOverConfig(call, mac, runtimeMac),
            BroadcastQueueLength = broadcastQueue > 0 ? broadcastQueue : null,
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
