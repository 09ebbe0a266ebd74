using System.Text.Json.Serialization;
using CniAgent.Mtu;

namespace CniAgent.Output;

/// <summary>What commands print as JSON that no agent has said.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MtuCheck))]
internal sealed partial class CommandJson : JsonSerializerContext;
