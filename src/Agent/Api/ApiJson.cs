using System.Text.Json.Serialization;
using Cluster.Objects;

namespace Agent.Api;

/// <summary>What the agent's socket says, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(NodeStatusReport))]
[JsonSerializable(typeof(IReadOnlyList<NodeEntry>))]
[JsonSerializable(typeof(IReadOnlyList<BlockEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Network>))]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(ForgottenNode))]
public sealed partial class ApiJson : JsonSerializerContext;

/// <summary>A node of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsAlive">Whether its agent keeps its lease.</param>
/// <param name="Addresses">By which others reach it.</param>
/// <param name="Version">Of its agent.</param>
/// <param name="Blocks">How many blocks it has.</param>
public sealed record NodeEntry(string Name, bool IsAlive, IReadOnlyList<string> Addresses, string Version, int Blocks);

/// <summary>A block that somebody has.</summary>
/// <param name="Network">The network.</param>
/// <param name="Block">The block.</param>
/// <param name="Node">Whose it is.</param>
/// <param name="IsAlive">Whether that node's agent keeps its lease.</param>
public sealed record BlockEntry(string Network, string Block, string Node, bool IsAlive);

/// <summary>What was given back of a node that is gone.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Blocks">Its blocks, which anybody may claim now.</param>
public sealed record ForgottenNode(string Node, IReadOnlyList<string> Blocks);

/// <summary>Why something was not done.</summary>
/// <param name="Error">A sentence that names the value and the remedy.</param>
public sealed record ApiError(string Error);
