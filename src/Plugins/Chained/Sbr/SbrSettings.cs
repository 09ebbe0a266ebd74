using System.Net;
using Cni;
using Linux.Addresses;

namespace Plugins.Chained.Sbr;

/// <summary>An <c>sbr</c> configuration that has been found good.</summary>
internal sealed record SbrSettings
{
    /// <summary>The table that somebody else fills; null to fill free ones.</summary>
    public required uint? Table { get; init; }

    /// <summary>The default gateway of IPv4; null for that of each address.</summary>
    public required IPAddress? Gateway4 { get; init; }

    /// <summary>The default gateway of IPv6; null for that of each address.</summary>
    public required IPAddress? Gateway6 { get; init; }

    /// <summary>Whether the routes to subnets stay in the main table, with the address as their source.</summary>
    public required bool AddSourceHints { get; init; }

    /// <summary>Reads and checks the configuration of an ADD or CHECK.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static SbrSettings Read(CniInvocation call)
    {
        SbrConfig config = SbrConfig.Read(call.Config());
        if (config.Table is < 1 or > uint.MaxValue)
            throw CniException.InvalidConfig($"table is {config.Table}; use 1 to {uint.MaxValue}, or remove the key");
        return new SbrSettings
        {
            Table = (uint?)config.Table,
            Gateway4 = OnlyOne(config.Gateways, IpFamily.IPv4),
            Gateway6 = OnlyOne(config.Gateways, IpFamily.IPv6),
            AddSourceHints = config.AddSourceHints,
        };
    }

    /// <summary>The configured default gateway of an address's family.</summary>
    public IPAddress? StaticGatewayFor(CniIp ip) => ip.Address.IsIPv6 ? Gateway6 : Gateway4;

    private static IPAddress? OnlyOne(List<IPAddress> gateways, IpFamily family)
    {
        List<IPAddress> ofFamily = gateways.FindAll(gateway => gateway.Family == family);
        return ofFamily.Count <= 1
            ? ofFamily.FirstOrDefault()
            : throw CniException.InvalidConfig(
                $"gateways has {IpText.Format(ofFamily[0])} and {IpText.Format(ofFamily[1])}; use at most one "
                + $"{(family.IsIPv6 ? "IPv6" : "IPv4")} address");
    }
}
