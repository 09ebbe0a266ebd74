using System.Net;
using Linux.Addresses;

namespace Cni;

public sealed partial class CniResult
{
    /// <summary>Reads a result of any version.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="defaultVersion">The version of a result that names none: the configuration's.</param>
    /// <param name="document">What it is called in messages.</param>
    /// <exception cref="CniException">
    /// <see cref="CniErrorCode.DecodingFailure"/>, or <see cref="CniErrorCode.InvalidNetworkConfig"/> for values of the right type that
    /// make no sense.
    /// </exception>
    public static CniResult Parse(ReadOnlySpan<byte> json, string defaultVersion, string document = "result") =>
        Parse(json, defaultVersion, document, path: "", sameFamily: false);

    /// <summary>
    /// Reads the <c>prevResult</c> of a configuration, which must be of the configuration's family. An address whose <c>interface</c> leads
    /// nowhere is one that nobody has assigned to any: few plugins ask, and for those that do it is CNI_IFNAME's.
    /// </summary>
    internal static CniResult ParsePrevious(ReadOnlySpan<byte> json, string configVersion)
    {
        CniResult result = Parse(json, configVersion, "network configuration", "prevResult", sameFamily: true);
        for (int i = 0; i < result.Ips.Count; i++)
        {
            if (!result.HasInterfaceOf(result.Ips[i]))
                result.Ips[i] = result.Ips[i] with { Interface = null };
        }
        return result;
    }

    private static CniResult Parse(ReadOnlySpan<byte> json, string defaultVersion, string document, string path, bool sameFamily)
    {
        string version = FindVersion(json, document, path) ?? (defaultVersion.Length > 0 ? defaultVersion : CniVersions.Default);
        if (CniVersions.FamilyOf(version) is not { } family)
        {
            throw new CniException(CniErrorCode.IncompatibleVersion,
                $"{document}: unsupported CNI result version \"{version}\"", $"supported are [{string.Join(", ", CniVersions.All)}]");
        }
        if (sameFamily && family != CniVersions.FamilyOf(defaultVersion))
        {
            throw CniException.InvalidConfig(
                $"{document}: {path}.cniVersion is \"{version}\", which has another shape than the configuration's \"{defaultVersion}\"");
        }
        JsonCursor cursor = new(json, document, path);
        CniResult result = new();
        if (family == ResultFamily.Ip4AndIp6)
            result.ReadIp4AndIp6(ref cursor);
        else
            result.ReadIps(ref cursor);
        cursor.Finish();
        return result;
    }

    private static string? FindVersion(ReadOnlySpan<byte> json, string document, string path)
    {
        string? version = null;
        JsonCursor cursor = new(json, document, path);
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("cniVersion"u8))
                version = cursor.String();
        }
        return string.IsNullOrEmpty(version) ? null : version;
    }

    private void ReadIps(ref JsonCursor cursor)
    {
        UnknownMembers? unknown = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("interfaces"u8))
            {
                Interfaces.Clear();
                cursor.EnterArray();
                while (cursor.NextElement())
                    Interfaces.Add(CniInterface.Read(ref cursor));
            }
            else if (cursor.Is("ips"u8) || cursor.Is("ip"u8)) // The text of 0.3.0 says "ip", every program "ips".
            {
                Ips.Clear();
                cursor.EnterArray();
                while (cursor.NextElement())
                    Ips.Add(CniIp.Read(ref cursor));
            }
            else if (cursor.Is("routes"u8))
            {
                Routes.Clear();
                Routes.AddRange(CniRoute.ReadList(ref cursor));
            }
            else if (cursor.Is("dns"u8))
            {
                Dns = CniDns.Read(ref cursor);
            }
            else if (!cursor.Is("cniVersion"u8))
            {
                UnknownMembers.Keep(ref unknown, ref cursor);
            }
        }
        Unknown = unknown;
    }

    private void ReadIp4AndIp6(ref JsonCursor cursor)
    {
        UnknownMembers? unknown = null;
        (CniIp? ip4, CniIp? ip6) = (null, null);
        List<CniRoute> routes4 = [], routes6 = [];
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("ip4"u8))
                ip4 = ReadFamily(ref cursor, routes4);
            else if (cursor.Is("ip6"u8))
                ip6 = ReadFamily(ref cursor, routes6);
            else if (cursor.Is("dns"u8))
                Dns = CniDns.Read(ref cursor);
            else if (!cursor.Is("cniVersion"u8))
                UnknownMembers.Keep(ref unknown, ref cursor);
        }
        if (ip4 is not null)
            Ips.Add(ip4);
        if (ip6 is not null)
            Ips.Add(ip6);
        Routes.AddRange(routes4);
        Routes.AddRange(routes6);
        Unknown = unknown;
    }

    /// <summary>Reads <c>{"ip", "gateway", "routes"}</c>.</summary>
    private static CniIp ReadFamily(ref JsonCursor cursor, List<CniRoute> routes)
    {
        IpPrefix? address = null;
        IPAddress? gateway = null;
        cursor.EnterObject();
        while (cursor.NextMember())
        {
            if (cursor.Is("ip"u8))
                address = cursor.Prefix();
            else if (cursor.Is("gateway"u8))
                gateway = cursor.Address();
            else if (cursor.Is("routes"u8))
                routes.AddRange(CniRoute.ReadList(ref cursor));
        }
        return new CniIp { Address = address ?? throw cursor.Lacks("ip"), Gateway = gateway };
    }
}
