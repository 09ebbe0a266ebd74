using System.Globalization;
using System.Text.Json;
using Cni;
using Linux.Addresses;

namespace Datapath.Endpoints;

public sealed partial record EndpointRecord
{
    // RFC 3339, always of the same length and in UTC.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>
    /// The record as UTF-8. Members that say nothing are left out, except lists and maps, which a reader can then rely on.
    /// </summary>
    public byte[] Write() => JsonOutput.Write(json =>
    {
        json.WriteNumber("version"u8, Version);
        json.WriteString("network"u8, Network);
        json.WriteString("containerID"u8, ContainerId);
        json.WriteString("ifname"u8, IfName);
        json.WriteString("netns"u8, NetNS);
        if (HostInterface is not null)
            json.WriteString("hostInterface"u8, HostInterface);
        json.WriteStartArray("addresses"u8);
        foreach (IpPrefix address in Addresses)
            json.WriteStringValue(address.ToString());
        json.WriteEndArray();
        if (Name.Length > 0)
            json.WriteString("name"u8, Name);
        if (Namespace.Length > 0)
            json.WriteString("namespace"u8, Namespace);
        if (Uid.Length > 0)
            json.WriteString("uid"u8, Uid);
        WritePairs(json, "labels"u8, Labels);
        WritePairs(json, "annotations"u8, Annotations);
        json.WriteStartArray("aliases"u8);
        foreach (string alias in Aliases)
            json.WriteStringValue(alias);
        json.WriteEndArray();
        WritePorts(json);
        json.WriteString("created"u8, CreatedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    });

    private static void WritePairs(Utf8JsonWriter json, ReadOnlySpan<byte> key, IReadOnlyDictionary<string, string> pairs)
    {
        json.WriteStartObject(key);
        foreach ((string name, string value) in pairs)
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    private void WritePorts(Utf8JsonWriter json)
    {
        json.WriteStartArray("ports"u8);
        foreach (EndpointPort port in Ports)
        {
            json.WriteStartObject();
            if (port.HostAddress is not null)
                json.WriteString("hostIP"u8, IpText.Format(port.HostAddress));
            json.WriteString("protocol"u8, port.Protocol);
            json.WriteNumber("hostPort"u8, port.HostPort);
            json.WriteNumber("containerPort"u8, port.ContainerPort);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
