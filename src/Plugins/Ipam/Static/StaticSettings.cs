using System.Net;
using Cni;
using Linux.Addresses;

namespace Plugins.Ipam.Static;

/// <summary>A <c>static</c> configuration that has been found good.</summary>
internal sealed record StaticSettings
{
    /// <summary>Those of the strongest source; empty where only a runtime can name some and has not.</summary>
    public required IReadOnlyList<CniIp> Addresses { get; init; }

    public required IReadOnlyList<CniRoute> Routes { get; init; }

    public required CniDns? Dns { get; init; }

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="CniException">A value is wrong, even if a stronger source overrules it; the message names its key.</exception>
    public static StaticSettings Read(CniInvocation call)
    {
        StaticConfig config = StaticConfig.Read(call.Config());
        if (!config.HasSection)
            throw CniException.InvalidConfig("ipam is missing: static needs a section, with addresses or at least with type");
        List<CniIp> own = [.. config.Addresses.Index().Select(static entry => ReadAddress($"ipam.addresses[{entry.Index}]", entry.Item))];
        own.AddRange(ReadList(call.Args, "IP").Select(static text => ReadAddress(CniErrorCode.InvalidEnvironment, "CNI_ARGS IP", text)));
        AssignGateways(call.Args, own);
        List<CniIp> args = [.. config.ArgsIps.Select(static text => ReadAddress(CniErrorCode.InvalidNetworkConfig, "args.cni.ips", text))];
        List<CniIp> runtime =
        [
            .. config.RuntimeIps.Select(static text => ReadAddress(CniErrorCode.InvalidNetworkConfig, "runtimeConfig.ips", text)),
        ];
        List<CniIp> addresses = runtime.Count > 0 ? runtime : args.Count > 0 ? args : own;
        // Results before 0.3.0 hold one address per family.
        if (CniVersions.NeedsAddress(call.CniVersion)
            && addresses.CountBy(static ip => ip.Address.Family).Any(static family => family.Value > 1))
        {
            throw CniException.InvalidConfig(
                $"static gives several addresses of one family, and cniVersion {call.CniVersion} allows one each; use 0.3.0 or newer");
        }
        if (config.Routes.FirstOrDefault(static route => !route.IsOfOneFamily) is { } mixed)
        {
            throw CniException.InvalidConfig(
                $"ipam.routes has dst {mixed.Destination} with gw {IpText.Format(mixed.Gateway!)}, which is of the other address family");
        }
        return new StaticSettings { Addresses = addresses, Routes = config.Routes, Dns = config.Dns };
    }

    private static CniIp ReadAddress(string key, StaticAddressConfig entry)
    {
        CniIp ip = ReadAddress(CniErrorCode.InvalidNetworkConfig, $"{key}.address", entry.Address);
        if (entry.Gateway.Length == 0)
            return ip;
        if (!IpText.TryParse(entry.Gateway, out IPAddress gateway))
            throw CniException.InvalidConfig($"{key}.gateway is \"{entry.Gateway}\", expected an IP address such as 10.1.2.1 or fd00:1::1");
        return gateway.IsIPv6 == ip.Address.IsIPv6
            ? ip with { Gateway = gateway }
            : throw CniException.InvalidConfig($"{key}.gateway is {entry.Gateway}, which is of another address family than {ip.Address}");
    }

    private static CniIp ReadAddress(CniErrorCode code, string source, string text) => IpPrefix.TryParse(text, out IpPrefix prefix)
        ? new CniIp { Address = prefix }
        : throw new CniException(
            code, $"{source} is \"{text}\", expected an address with its prefix length such as 10.1.2.3/24 or fd00:1::3/64");

    /// <summary>A gateway of CNI_ARGS serves every address in whose network it lies and that has none of its own.</summary>
    private static void AssignGateways(CniArgs args, List<CniIp> addresses)
    {
        foreach (string text in ReadList(args, "GATEWAY"))
        {
            if (!IpText.TryParse(text, out IPAddress gateway))
                throw args.Invalid("GATEWAY", "IP addresses such as 10.1.2.1, with commas between");
            for (int i = 0; i < addresses.Count; i++)
            {
                if (addresses[i].Gateway is null && addresses[i].Address.Contains(gateway))
                    addresses[i] = addresses[i] with { Gateway = gateway };
            }
        }
    }

    private static string[] ReadList(CniArgs args, string key) => args.Find(key)?.Split(',', StringSplitOptions.TrimEntries) ?? [];
}
