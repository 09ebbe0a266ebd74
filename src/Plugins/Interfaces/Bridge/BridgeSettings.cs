using Cni;
using Linux.Addresses;
using Plugins.Configuration;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Bridge;

/// <summary>A <c>bridge</c> configuration that has been found good: defaults filled in, values typed, contradictions refused.</summary>
internal sealed record BridgeSettings
{
    private const string DefaultBridge = "cni0";
    private const int MaxVlan = 4094;

    public required string Bridge { get; init; }

    public required bool IsGateway { get; init; }

    public required bool IsDefaultGateway { get; init; }

    public required bool ForceAddress { get; init; }

    /// <summary>Null if nothing is masqueraded.</summary>
    public required MasqueradeSettings? Masquerade { get; init; }

    /// <summary>Bytes; null leaves it to the kernel.</summary>
    public required int? Mtu { get; init; }

    public required bool Hairpin { get; init; }

    public required bool Promiscuous { get; init; }

    /// <summary>The port's own VLAN; 0 if it has none.</summary>
    public required int Vlan { get; init; }

    /// <summary>The VLANs that the port carries tagged.</summary>
    public required IReadOnlyList<VlanRange> Trunk { get; init; }

    /// <summary>Whether <c>vlanTrunk</c> was given at all: even an empty list asks for a VLAN-aware bridge.</summary>
    public required bool HasTrunk { get; init; }

    public required bool PreserveDefaultVlan { get; init; }

    public required bool Isolated { get; init; }

    public required bool MacSpoofCheck { get; init; }

    /// <summary>The container end's address; null for a random one.</summary>
    public required MacAddress? Mac { get; init; }

    public required InterfaceSettings Pod { get; init; }

    /// <summary>Whether the bridge must tell VLANs apart.</summary>
    public bool NeedsVlanFiltering => Vlan != 0 || HasTrunk;

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static BridgeSettings Read(CniInvocation call)
    {
        BridgeConfig config = BridgeConfig.Read(call.Config());
        if (config.HairpinMode && config.PromiscMode)
            throw CniException.InvalidConfig("hairpinMode and promiscMode are both true and exclude each other; set one of them to false");
        string bridge = config.Bridge.Length == 0 ? DefaultBridge : config.Bridge;
        if (InterfaceName.Problem(bridge) is { } problem)
            throw CniException.InvalidConfig($"bridge is \"{bridge}\", which {problem}");
        string? ipamType = call.IpamType;
        if (config.DisableContainerInterface && ipamType is not null)
        {
            throw CniException.InvalidConfig(
                $"disableContainerInterface is true and ipam.type is \"{ipamType}\": an interface that stays down can have no address; "
                + "remove one of them");
        }
        BridgeSettings settings = new()
        {
            Bridge = bridge,
            IsGateway = config.IsGateway || config.IsDefaultGateway,
            IsDefaultGateway = config.IsDefaultGateway,
            ForceAddress = config.ForceAddress,
            Masquerade = MasqueradeSettings.Check(config.Masquerade),
            Mtu = RequestedMtu.Check(config.Mtu),
            Hairpin = config.HairpinMode,
            Promiscuous = config.PromiscMode,
            Vlan = config.Vlan is >= 0 and <= MaxVlan
                ? config.Vlan
                : throw CniException.InvalidConfig($"vlan is {config.Vlan}; a VLAN ID is 1 to {MaxVlan}, or 0 for none"),
            Trunk = VlanRange.FromTrunk(config.VlanTrunk ?? []),
            HasTrunk = config.VlanTrunk is not null,
            PreserveDefaultVlan = config.PreserveDefaultVlan,
            Isolated = config.PortIsolation,
            MacSpoofCheck = config.MacSpoofCheck,
            Mac = RequestedMac.Read(call, config.ArgsMac, config.RuntimeMac),
            Pod = new InterfaceSettings
            {
                IpamType = ipamType,
                Dns = call.Dns,
                DuplicateAddressDetection = config.EnableDad,
                RouteMetric = config.RouteMetric,
                StaysDown = config.DisableContainerInterface,
            },
        };
        if (!InterfaceName.IsValid(settings.GatewayInterfaceName))
        {
            throw CniException.InvalidConfig(
                $"bridge is \"{bridge}\" and vlan is {settings.Vlan}: the gateway's interface {settings.GatewayInterfaceName} would have a "
                + "name of more than 15 bytes; use a shorter bridge name");
        }
        return settings;
    }

    /// <summary>
    /// The interface that holds the gateway addresses: the bridge, or with a VLAN a port of it that only that VLAN reaches.
    /// </summary>
    public string GatewayInterfaceName => IsGateway && Vlan != 0 ? $"{Bridge}.{Vlan}" : Bridge;
}
