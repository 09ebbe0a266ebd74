using System.Text.Json;
using Linux.Addresses;

namespace Cni;

public sealed partial class CniResult
{
    /// <summary>The result in the shape of a version, UTF-8.</summary>
    /// <param name="version">The configuration's cniVersion.</param>
    /// <exception cref="CniException">
    /// <see cref="CniErrorCode.InvalidNetworkConfig"/>: <see cref="CanBeWrittenAs"/> is false.
    /// </exception>
    public byte[] ToJson(string version)
    {
        if (!CanBeWrittenAs(version, out string? problem))
            throw CniException.InvalidConfig($"cannot write the result: {problem}");
        ResultFamily family = CniVersions.FamilyOf(version)!.Value;
        return JsonOutput.Write(writer =>
        {
            writer.WriteString("cniVersion"u8, version);
            if (family == ResultFamily.Ip4AndIp6)
            {
                WriteFamily(writer, IpFamily.IPv4);
                WriteFamily(writer, IpFamily.IPv6);
            }
            else
            {
                WriteIps(writer, family);
            }
            // Before 1.0.0 every result has "dns", if only {}.
            if (Dns is { IsEmpty: false } || family != ResultFamily.Ips)
            {
                writer.WritePropertyName("dns"u8);
                (Dns ?? new CniDns()).WriteTo(writer);
            }
            Unknown?.WriteTo(writer);
        });
    }

    private void WriteIps(Utf8JsonWriter writer, ResultFamily family)
    {
        if (Interfaces.Count > 0)
        {
            writer.WriteStartArray("interfaces"u8);
            foreach (CniInterface entry in Interfaces)
                entry.WriteTo(writer, family);
            writer.WriteEndArray();
        }
        if (Ips.Count > 0)
        {
            writer.WriteStartArray("ips"u8);
            foreach (CniIp ip in Ips)
                ip.WriteTo(writer, family);
            writer.WriteEndArray();
        }
        WriteRoutes(writer, Routes, family);
    }

    /// <summary>Writes the first address of a family with all its routes; nothing if there is no address.</summary>
    private void WriteFamily(Utf8JsonWriter writer, IpFamily family)
    {
        if (Ips.Find(ip => ip.Address.Family == family) is not { } first)
            return;
        writer.WriteStartObject(family.IsIPv6 ? "ip6"u8 : "ip4"u8);
        writer.WriteString("ip"u8, first.Address.ToString());
        if (first.Gateway is { } gateway)
            writer.WriteString("gateway"u8, IpText.Format(gateway));
        WriteRoutes(writer, Routes.FindAll(route => route.Destination.Family == family), ResultFamily.Ip4AndIp6);
        writer.WriteEndObject();
    }

    private static void WriteRoutes(Utf8JsonWriter writer, List<CniRoute> routes, ResultFamily family)
    {
        if (routes.Count == 0)
            return;
        writer.WriteStartArray("routes"u8);
        foreach (CniRoute route in routes)
            route.WriteTo(writer, family);
        writer.WriteEndArray();
    }
}
