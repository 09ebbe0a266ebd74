using Cni;
using Plugins.Configuration;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Bridge;

/// <summary>The keys of the <c>bridge</c> plugin as they stand in the configuration; docs/bridge.md says what they mean.</summary>
internal sealed class BridgeConfig
{
    public string Bridge { get; private set; } = "";

    public bool IsGateway { get; private set; }

    public bool IsDefaultGateway { get; private set; }

    public bool ForceAddress { get; private set; }

    public MasqueradeConfig Masquerade { get; } = new();

    public int Mtu { get; private set; }

    public bool HairpinMode { get; private set; }

    public bool PromiscMode { get; private set; }

    public int Vlan { get; private set; }

    /// <summary>Null if the key is absent, which is not the same as an empty list.</summary>
    public IReadOnlyList<VlanTrunkConfig>? VlanTrunk { get; private set; }

    public bool PreserveDefaultVlan { get; private set; }

    public bool MacSpoofCheck { get; private set; }

    public bool EnableDad { get; private set; }

    public bool DisableContainerInterface { get; private set; }

    public bool PortIsolation { get; private set; }

    public int? RouteMetric { get; private set; }

    public string ArgsMac { get; private set; } = "";

    public string RuntimeMac { get; private set; } = "";

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static BridgeConfig Read(JsonCursor json)
    {
        BridgeConfig config = new();
        json.EnterObject();
        while (json.NextMember())
            config.ReadMember(ref json);
        return config;
    }

    private void ReadMember(ref JsonCursor json)
    {
        if (json.Is("bridge"u8))
            Bridge = json.String();
        else if (json.Is("isGateway"u8))
            IsGateway = json.Boolean();
        else if (json.Is("isDefaultGateway"u8))
            IsDefaultGateway = json.Boolean();
        else if (json.Is("forceAddress"u8))
            ForceAddress = json.Boolean();
        else if (json.Is("mtu"u8))
            Mtu = json.Int32();
        else if (json.Is("hairpinMode"u8))
            HairpinMode = json.Boolean();
        else if (json.Is("promiscMode"u8))
            PromiscMode = json.Boolean();
        else if (json.Is("vlan"u8))
            Vlan = json.Int32();
        else if (json.Is("vlanTrunk"u8))
            VlanTrunk = VlanTrunkConfig.ReadList(ref json);
        else if (json.Is("preserveDefaultVlan"u8))
            PreserveDefaultVlan = json.Boolean();
        else if (json.Is("macspoofchk"u8))
            MacSpoofCheck = json.Boolean();
        else if (json.Is("enabledad"u8))
            EnableDad = json.Boolean();
        else if (json.Is("disableContainerInterface"u8))
            DisableContainerInterface = json.Boolean();
        else if (json.Is("portIsolation"u8))
            PortIsolation = json.Boolean();
        else if (json.Is("routeMetric"u8))
            RouteMetric = Configuration.RouteMetric.Read(ref json);
        else if (json.Is("args"u8))
            ReadArgs(ref json);
        else if (json.Is("runtimeConfig"u8))
            RuntimeMac = RequestedMac.ReadMember(ref json);
        else
            _ = Masquerade.ReadMember(ref json);
    }

    private void ReadArgs(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("cni"u8))
                ArgsMac = RequestedMac.ReadMember(ref json);
        }
    }
}
