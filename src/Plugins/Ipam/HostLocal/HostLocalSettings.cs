using System.Net;
using Cni;
using Ipam;
using Linux.Addresses;

namespace Plugins.Ipam.HostLocal;

/// <summary>A <c>host-local</c> configuration that has been found good.</summary>
internal sealed record HostLocalSettings
{
    private const string DefaultDataDir = "/run/cni/networks";

    /// <summary>Gives one address each, in this order.</summary>
    public required IReadOnlyList<RangeSet> RangeSets { get; init; }

    public required IReadOnlyList<IPAddress> Requested { get; init; }

    public required IReadOnlyList<CniRoute> Routes { get; init; }

    public required string DataDir { get; init; }

    /// <summary>A file to take DNS settings from; null for none.</summary>
    public required string? ResolvConf { get; init; }

    /// <summary>Whether STATUS fails while a range set is full; containerd reports a node whose STATUS fails as not ready.</summary>
    public required bool StatusOnExhaustion { get; init; }

    /// <summary>Only where the leases are: all that DEL, CHECK and GC need, and all that may stop them.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static string ReadDataDir(CniInvocation call) => DataDirOf(IpamSection.ReadString(call.Config(), "dataDir"u8));

    /// <summary>Reads and checks everything, for ADD and STATUS.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    /// <exception cref="IpamException">InvalidRange.</exception>
    public static HostLocalSettings Read(CniInvocation call)
    {
        HostLocalConfig config = HostLocalConfig.Read(call.Config());
        if (!config.HasSection)
            throw CniException.InvalidConfig("ipam is missing: host-local needs a section with at least one range");
        List<RangeSet> sets = [.. ReadSets("runtimeConfig.ipRanges", config.RuntimeRanges)];
        if (config.Range is { } range)
            sets.Add(ReadSet("ipam", [("ipam", range)]));
        sets.AddRange(ReadSets("ipam.ranges", config.Ranges));
        if (sets.Count == 0)
            throw CniException.InvalidConfig("ipam has no range: give subnet, or ranges with at least one subnet");
        RangeSet.RequireDisjoint(sets);
        RequireOldResultHasRoom(call.CniVersion, sets);
        if (config.Routes.FirstOrDefault(static route => !route.IsOfOneFamily) is { } mixed)
        {
            throw CniException.InvalidConfig(
                $"ipam.routes has dst {mixed.Destination} with gw {IpText.Format(mixed.Gateway!)}, which is of the other address family");
        }
        return new HostLocalSettings
        {
            RangeSets = sets,
            Requested = ReadRequested(call, config),
            Routes = config.Routes,
            DataDir = DataDirOf(config.DataDir),
            ResolvConf = config.ResolvConf.Length == 0 ? null : config.ResolvConf,
            StatusOnExhaustion = config.StatusOnExhaustion,
        };
    }

    private static string DataDirOf(string dataDir) => dataDir.Length == 0 ? DefaultDataDir : dataDir;

    private static IEnumerable<RangeSet> ReadSets(string key, IReadOnlyList<IReadOnlyList<RangeConfig>> sets) =>
        sets.Index().Select(set => ReadSet(
            $"{key}[{set.Index}]", [.. set.Item.Index().Select(range => ($"{key}[{set.Index}][{range.Index}]", range.Item))]));

    private static RangeSet ReadSet(string key, IReadOnlyList<(string Key, RangeConfig Range)> ranges)
    {
        IpRange[] runs = [.. ranges.SelectMany(static range => ReadRange(range.Key, range.Range))];
        if (runs.Length == 0 && ranges.Count > 0)
            throw CniException.InvalidConfig(
                $"{key} has no address to give: rangeStart, rangeEnd and exclude leave nothing of subnet {ranges[0].Range.Subnet} but the "
                + "addresses of the network and of the broadcast, which are never given");
        return new RangeSet(runs);
    }

    private static IReadOnlyList<IpRange> ReadRange(string key, RangeConfig range)
    {
        if (!IpPrefix.TryParse(range.Subnet, out IpPrefix subnet))
            throw CniException.InvalidConfig($"{key}.subnet is \"{range.Subnet}\", expected a network such as 10.1.0.0/16 or fd00:1::/64");
        return IpRange.Create(
            subnet,
            ReadAddress($"{key}.rangeStart", range.RangeStart),
            ReadAddress($"{key}.rangeEnd", range.RangeEnd),
            ReadAddress($"{key}.gateway", range.Gateway),
            [.. range.Exclude.Index().Select(excluded => ReadExcluded($"{key}.exclude[{excluded.Index}]", excluded.Item, subnet))]);
    }

    /// <summary>An address, or a network, whose host bits do not count.</summary>
    private static IpPrefix ReadExcluded(string key, string text, IpPrefix subnet)
    {
        IpPrefix excluded;
        if (IpText.TryParse(text, out IPAddress address))
            excluded = IpPrefix.Host(address);
        else if (!IpPrefix.TryParse(text, out excluded))
        {
            throw CniException.InvalidConfig(
                $"{key} is \"{text}\", expected an address such as 10.1.0.9 or a network such as 10.1.0.64/26");
        }
        return excluded.Length >= subnet.Length && subnet.Contains(excluded.Address)
            ? excluded
            : throw CniException.InvalidConfig(
                $"{key} is \"{text}\", which is not in subnet {subnet}: leave it out, or give a part of the subnet");
    }

    private static List<IPAddress> ReadRequested(CniInvocation call, HostLocalConfig config)
    {
        List<IPAddress> requested = [];
        if (call.Args.Find("IP") is { } ip)
            requested.Add(ReadRequestedAddress(CniErrorCode.InvalidEnvironment, "CNI_ARGS IP", ip));
        foreach (string text in config.ArgsIps)
            requested.Add(ReadRequestedAddress(CniErrorCode.InvalidNetworkConfig, "args.cni.ips", text));
        foreach (string text in config.RuntimeIps)
            requested.Add(ReadRequestedAddress(CniErrorCode.InvalidNetworkConfig, "runtimeConfig.ips", text));
        // The same address from two sources is one wish.
        return [.. requested.Distinct()];
    }

    /// <summary>With or without a prefix length, which the range decides.</summary>
    private static IPAddress ReadRequestedAddress(CniErrorCode code, string source, string text)
    {
        if (IpText.TryParse(text, out IPAddress address))
            return address;
        return IpPrefix.TryParse(text, out IpPrefix prefix)
            ? prefix.Address
            : throw new CniException(code, $"{source} is \"{text}\", expected an IP address such as 10.1.2.3 or fd00::1");
    }

    private static IPAddress? ReadAddress(string key, string text)
    {
        if (text.Length == 0)
            return null;
        return IpText.TryParse(text, out IPAddress address)
            ? address
            : throw CniException.InvalidConfig($"{key} is \"{text}\", expected an IP address such as 10.1.0.10 or fd00:1::10");
    }

    /// <summary>Results before 0.3.0 hold one address per family.</summary>
    private static void RequireOldResultHasRoom(string version, List<RangeSet> sets)
    {
        if (version is not ("0.1.0" or "0.2.0"))
            return;
        if (sets.CountBy(static set => set.Family).Any(static family => family.Value > 1))
        {
            throw CniException.InvalidConfig(
                $"ipam has several range sets of one family, and cniVersion {version} allows one each; use 0.3.0 or newer");
        }
    }
}
