using System.Buffers;
using System.Net;
using System.Text.Json;
using Agent.Blocks;
using Cluster.Objects;
using Linux.Addresses;

namespace Agent.Networks;

/// <summary>
/// The network configuration list that runtimes read: an ordinary one, so that an ADD on a cluster's network costs what any other costs.
/// </summary>
internal static class NetworkList
{
    // What came with CNI 1.0.0 all runtimes of this decade understand; what is newer they may choose from cniVersions.
    private const string Version = "1.0.0", NewestVersion = "1.1.0";

    /// <summary>Writes a list: ptp with the blocks as ranges, then endpoint, portmap and bandwidth.</summary>
    /// <param name="network">The network.</param>
    /// <param name="blocks">The node's blocks that give addresses, at least one.</param>
    /// <param name="reserved">Addresses that are not given.</param>
    /// <param name="mtu">That of pods, bytes; null for the kernel's default.</param>
    public static byte[] Write(Network network, IReadOnlyList<IpPrefix> blocks, IReadOnlyCollection<IPAddress> reserved, int? mtu)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion", Version);
            json.WriteStartArray("cniVersions");
            json.WriteStringValue(Version);
            json.WriteStringValue(NewestVersion);
            json.WriteEndArray();
            json.WriteString("name", network.Metadata.Name);
            json.WriteStartArray("plugins");
            WriteInterface(json, network, blocks, reserved, mtu);
            WriteChained(json, "endpoint", "aliases", "io.kubernetes.cri.pod-annotations", "portMappings");
            WriteChained(json, "portmap", "portMappings");
            WriteChained(json, "bandwidth", "bandwidth");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteInterface(
        Utf8JsonWriter json, Network network, IReadOnlyList<IpPrefix> blocks, IReadOnlyCollection<IPAddress> reserved, int? mtu)
    {
        json.WriteStartObject();
        json.WriteString("type", "ptp");
        if (mtu is { } bytes)
            json.WriteNumber("mtu", bytes);
        json.WriteStartObject("ipam");
        json.WriteString("type", "host-local");
        json.WriteStartArray("ranges");
        foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
            WriteRanges(json, network, [.. blocks.Where(block => block.Family == family)], reserved);
        json.WriteEndArray();
        json.WriteStartArray("routes");
        if (blocks.Any(static block => !block.IsIPv6))
            WriteRoute(json, "0.0.0.0/0");
        if (blocks.Any(static block => block.IsIPv6))
            WriteRoute(json, "::/0");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>
    /// Each block is a part of its pool, not a subnet: all pods of all nodes have one gateway, the pool's first address, which is on each
    /// node the other end of each pod's link.
    /// </summary>
    private static void WriteRanges(
        Utf8JsonWriter json, Network network, IReadOnlyList<IpPrefix> blocks, IReadOnlyCollection<IPAddress> reserved)
    {
        if (blocks.Count == 0)
            return;
        json.WriteStartArray();
        foreach (IpPrefix block in blocks)
        {
            IpPrefix pool = network.Spec.ReadPools().Select(static pool => pool.Pool).First(pool => pool.Contains(block.Address));
            json.WriteStartObject();
            json.WriteString("subnet", pool.ToString());
            json.WriteString("rangeStart", IpText.Format(BlockAddresses.FirstOfPods(block)));
            json.WriteString("rangeEnd", IpText.Format(block.Broadcast));
            IPAddress[] excluded = [.. reserved.Where(block.Contains).OrderBy(static address => address.ToUInt128())];
            if (excluded.Length > 0)
            {
                json.WriteStartArray("exclude");
                foreach (IPAddress address in excluded)
                    json.WriteStringValue(IpText.Format(address));
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRoute(Utf8JsonWriter json, string destination)
    {
        json.WriteStartObject();
        json.WriteString("dst", destination);
        json.WriteEndObject();
    }

    private static void WriteChained(Utf8JsonWriter json, string type, params ReadOnlySpan<string> capabilities)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartObject("capabilities");
        foreach (string capability in capabilities)
            json.WriteBoolean(capability, true);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
