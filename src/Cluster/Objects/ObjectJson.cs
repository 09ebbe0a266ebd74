using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Objects;

/// <summary>Objects as JSON, as Kubernetes writes them: names in camelCase, absent members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Network))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Reservation))]
public sealed partial class ObjectJson : JsonSerializerContext
{
    /// <summary>Writes a network.</summary>
    public static byte[] Write(Network network) => JsonSerializer.SerializeToUtf8Bytes(network, Default.Network);

    /// <summary>Writes a node.</summary>
    public static byte[] Write(Node node) => JsonSerializer.SerializeToUtf8Bytes(node, Default.Node);

    /// <summary>Writes a reservation.</summary>
    public static byte[] Write(Reservation reservation) => JsonSerializer.SerializeToUtf8Bytes(reservation, Default.Reservation);

    /// <summary>Reads a network; null if it is none, and <paramref name="problem"/> says why.</summary>
    public static Network? ReadNetwork(ReadOnlyMemory<byte> json, out string? problem) => Read(json, Default.Network, out problem);

    /// <summary>Reads a node; null if it is none, and <paramref name="problem"/> says why.</summary>
    public static Node? ReadNode(ReadOnlyMemory<byte> json, out string? problem) => Read(json, Default.Node, out problem);

    /// <summary>Reads a reservation; null if it is none, and <paramref name="problem"/> says why.</summary>
    public static Reservation? ReadReservation(ReadOnlyMemory<byte> json, out string? problem) =>
        Read(json, Default.Reservation, out problem);

    private static T? Read<T>(ReadOnlyMemory<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, out string? problem)
        where T : class
    {
        try
        {
            T? value = JsonSerializer.Deserialize(json.Span, type);
            problem = value is null ? "it is null" : null;
            return value;
        }
        catch (JsonException e)
        {
            problem = e.Message;
            return null;
        }
    }
}
