using System.Net;
using Cni;
using Linux.Addresses;
using Plugins.Configuration;

namespace Plugins.Masquerade;

/// <summary>How the connections of masqueraded pods leave.</summary>
/// <param name="Source4">The source address that they get; null for that of the interface by which they leave.</param>
/// <param name="Source6"><inheritdoc cref="Source4"/></param>
/// <param name="IsFullyRandom">Whether the source port is chosen at random, always.</param>
internal sealed record MasqueradeSettings(IPAddress? Source4, IPAddress? Source6, bool IsFullyRandom)
{
    /// <summary>The source address of a family; null for that of the interface by which a connection leaves.</summary>
    public IPAddress? Source(IpFamily family) => family.IsIPv6 ? Source6 : Source4;

    /// <summary>Checks the keys.</summary>
    /// <returns>Null if nothing is masqueraded.</returns>
    /// <exception cref="CniException">A value has no meaning; the message names its key.</exception>
    public static MasqueradeSettings? Check(MasqueradeConfig config)
    {
        RulesetBackend.Check("ipMasqBackend", config.IPMasqBackend);
        foreach (IGrouping<IpFamily, IPAddress> family in config.IPMasqSource.GroupBy(static address => address.Family))
        {
            if (family.Skip(1).Any())
            {
                throw CniException.InvalidConfig(
                    $"ipMasqSource has {string.Join(" and ", family.Select(IpText.Format))}; give one address of each family");
            }
        }
        foreach (IPAddress address in config.IPMasqSource)
        {
            if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            {
                throw CniException.InvalidConfig(
                    $"ipMasqSource is {IpText.Format(address)}, which nothing can be sent from; remove it, or give an address that leads "
                    + "back to this host");
            }
        }
        if (!config.IPMasq && (config.IPMasqFullyRandom || config.IPMasqSource.Count > 0))
        {
            throw CniException.InvalidConfig(
                $"{(config.IPMasqFullyRandom ? "ipMasqFullyRandom" : "ipMasqSource")} says how to masquerade, but ipMasq is false; set "
                + "ipMasq to true, or remove the key");
        }
        return config.IPMasq
            ? new MasqueradeSettings(
                config.IPMasqSource.FirstOrDefault(static address => !address.IsIPv6),
                config.IPMasqSource.FirstOrDefault(static address => address.IsIPv6),
                config.IPMasqFullyRandom)
            : null;
    }
}
