using Cni;
using Plugins.Configuration;

namespace Plugins.Interfaces.Vlan;

/// <summary>A <c>vlan</c> configuration that has been found good.</summary>
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
        VlanConfig config = VlanConfig.Read(call.Config());
        if (config.Link.Master.Length == 0)
            throw CniException.InvalidConfig("master is missing: name the interface that carries the tagged frames");
        if (config.Id is < 0 or > MaxId)
        {
            throw CniException.InvalidConfig(
                $"vlanId is {config.Id}; a VLAN ID is 1 to {MaxId}, or 0 for frames that carry a priority alone");
        }
        return new VlanSettings
        {
            Pod = new InterfaceSettings
            {
                IpamType = InterfaceSettings.RequireIpam(call, "vlan"),
                Dns = call.Dns,
                DuplicateAddressDetection = config.Link.EnableDad,
                RouteMetric = config.Link.RouteMetric,
            },
            Master = MasterInterface.Check(config.Link),
            Id = config.Id,
            Mtu = RequestedMtu.Check(config.Link.Mtu),
        };
    }
}
