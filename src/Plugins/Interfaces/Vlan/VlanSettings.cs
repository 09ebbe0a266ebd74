using Cni;
using Plugins.Configuration;

namespace Plugins.Interfaces.Vlan;

/// <summary>A <c>vlan</c> configuration that has been found good; docs/vlan.md says what its keys mean.</summary>
internal sealed record VlanSettings
{
    private const int MaxId = 4094;

    public required InterfaceSettings Pod { get; init; }

    public required MasterInterface Master { get; init; }

    /// <summary>0 to 4094; frames of VLAN 0 carry a priority and no VLAN.</summary>
    public required int Id { get; init; }

    /// <summary>Bytes; null for the master's.</summary>
    public required int? Mtu { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static VlanSettings Read(CniInvocation call)
    {
        string master = "";
        bool inContainer = false, enableDad = false;
        int id = 0, mtu = 0;
        int? routeMetric = null;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("master"u8))
                master = json.String();
            else if (json.Is("vlanId"u8))
                id = json.Int32();
            else if (json.Is("mtu"u8))
                mtu = json.Int32();
            else if (json.Is("linkInContainer"u8))
                inContainer = json.Boolean();
            else if (json.Is("enabledad"u8))
                enableDad = json.Boolean();
            else if (json.Is("routeMetric"u8))
                routeMetric = RouteMetric.Read(ref json);
        }
        if (master.Length == 0)
            throw CniException.InvalidConfig("master is missing: name the interface that carries the tagged frames");
        if (id is < 0 or > MaxId)
            throw CniException.InvalidConfig($"vlanId is {id}; a VLAN ID is 1 to {MaxId}, or 0 for frames that carry a priority alone");
        return new VlanSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = InterfaceSettings.RequireIpam(call, "vlan"),
                Dns = call.Dns,
                DuplicateAddressDetection = enableDad,
                RouteMetric = routeMetric,
            },
            Master = new MasterInterface(master, inContainer).Checked(),
            Id = id,
            Mtu = RequestedMtu.Check(mtu),
        };
    }
}
