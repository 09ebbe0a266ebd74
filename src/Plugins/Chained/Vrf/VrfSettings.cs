using Cni;
using Linux.Addresses;

namespace Plugins.Chained.Vrf;

/// <summary>A <c>vrf</c> configuration that has been found good.</summary>
/// <param name="Name">The VRF's interface.</param>
/// <param name="Table">Its routing table; null for that of the VRF that exists, or a free one.</param>
internal sealed record VrfSettings(string Name, uint? Table)
{
    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static VrfSettings Read(CniInvocation call)
    {
        VrfConfig config = VrfConfig.Read(call.Config());
        if (config.VrfName.Length == 0)
            throw CniException.InvalidConfig("vrfname is missing; name the VRF that the interface is to belong to");
        if (InterfaceName.Problem(config.VrfName) is { } problem)
            throw CniException.InvalidConfig($"vrfname is \"{config.VrfName}\", which {problem}");
        if (config.VrfName == call.IfName)
        {
            throw CniException.InvalidConfig(
                $"vrfname is \"{config.VrfName}\", the name of the interface that is to belong to it (CNI_IFNAME); use another one");
        }
        if (config.Table != 0 && RoutingTables.IsReserved(config.Table))
        {
            throw CniException.InvalidConfig(
                $"table is {config.Table}, which the kernel uses itself (253 to 255); use another number, or 0 for a free one");
        }
        return new VrfSettings(config.VrfName, config.Table == 0 ? null : config.Table);
    }
}
