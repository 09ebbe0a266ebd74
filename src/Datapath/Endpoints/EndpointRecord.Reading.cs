using System.Globalization;
using System.Net;
using Cni;
using Linux.Addresses;

namespace Datapath.Endpoints;

public sealed partial record EndpointRecord
{
    /// <summary>Reads a record.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="document">What it is called in messages: its path.</param>
    /// <exception cref="CniException">It is none, or one of a version that this code does not know.</exception>
    public static EndpointRecord Parse(ReadOnlySpan<byte> text, string document)
    {
        EndpointRecord record = new() { Network = "", ContainerId = "", IfName = "" };
        bool hasVersion = false;
        JsonCursor json = new(text, document);
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("version"u8))
                hasVersion = CheckVersion(ref json);
            else if (json.Is("network"u8))
                record = record with { Network = json.String() };
            else if (json.Is("containerID"u8))
                record = record with { ContainerId = json.String() };
            else if (json.Is("ifname"u8))
                record = record with { IfName = json.String() };
            else if (json.Is("netns"u8))
                record = record with { NetNS = json.String() };
            else if (json.Is("hostInterface"u8))
                record = record with { HostInterface = json.String() };
            else if (json.Is("addresses"u8))
                record = record with { Addresses = ReadAddresses(ref json) };
            else
                record = record.ReadPodMember(ref json);
        }
        RequireKey(json, hasVersion, record);
        json.Finish();
        return record;
    }

    private EndpointRecord ReadPodMember(ref JsonCursor json)
    {
        if (json.Is("name"u8))
            return this with { Name = json.String() };
        if (json.Is("namespace"u8))
            return this with { Namespace = json.String() };
        if (json.Is("uid"u8))
            return this with { Uid = json.String() };
        if (json.Is("labels"u8))
            return this with { Labels = ReadPairs(ref json) };
        if (json.Is("annotations"u8))
            return this with { Annotations = ReadPairs(ref json) };
        if (json.Is("aliases"u8))
            return this with { Aliases = json.Strings() };
        if (json.Is("ports"u8))
            return this with { Ports = ReadPorts(ref json) };
        return json.Is("created"u8) ? this with { CreatedAt = ReadTime(ref json) } : this;
    }

    private static bool CheckVersion(ref JsonCursor json) => json.Int32() == Version
        ? true
        : throw json.Invalid($"{Version.ToString(CultureInfo.InvariantCulture)}, the only version that is known here");

    private static void RequireKey(JsonCursor json, bool hasVersion, EndpointRecord record)
    {
        if (!hasVersion)
            throw json.Lacks("version");
        if (record.Network.Length == 0)
            throw json.Lacks("network");
        if (record.ContainerId.Length == 0)
            throw json.Lacks("containerID");
        if (record.IfName.Length == 0)
            throw json.Lacks("ifname");
    }

    private static List<IpPrefix> ReadAddresses(ref JsonCursor json)
    {
        List<IpPrefix> addresses = [];
        json.EnterArray();
        while (json.NextElement())
            addresses.Add(json.Prefix());
        return addresses;
    }

    private static SortedDictionary<string, string> ReadPairs(ref JsonCursor json)
    {
        SortedDictionary<string, string> pairs = NoPairs;
        json.EnterObject();
        while (json.NextMember())
        {
            string key = json.Key;
            pairs[key] = json.AnyString();
        }
        return pairs;
    }

    private static List<EndpointPort> ReadPorts(ref JsonCursor json)
    {
        List<EndpointPort> ports = [];
        json.EnterArray();
        while (json.NextElement())
        {
            IPAddress? address = null;
            string protocol = "";
            ushort hostPort = 0, containerPort = 0;
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("hostIP"u8))
                    address = json.Address();
                else if (json.Is("protocol"u8))
                    protocol = json.String();
                else if (json.Is("hostPort"u8))
                    hostPort = ReadPort(ref json);
                else if (json.Is("containerPort"u8))
                    containerPort = ReadPort(ref json);
            }
            ports.Add(new EndpointPort(address, protocol, hostPort, containerPort));
        }
        return ports;
    }

    private static ushort ReadPort(ref JsonCursor json) =>
        json.Int32() is > 0 and <= ushort.MaxValue and var port ? (ushort)port : throw json.Invalid("a port from 1 to 65535");

    private static DateTimeOffset ReadTime(ref JsonCursor json) => DateTimeOffset.TryParseExact(
        json.String(), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
        ? time
        : throw json.Invalid("a time such as 2026-11-28T01:02:03.004Z");
}
