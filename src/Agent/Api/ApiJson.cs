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
[JsonSerializable(typeof(RepairedNode))]
[JsonSerializable(typeof(NodeDescription))]
[JsonSerializable(typeof(MtuReport))]
[JsonSerializable(typeof(ReservationEntry))]
[JsonSerializable(typeof(IReadOnlyList<ReservationEntry>))]
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

/// <summary>What was done for a node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Done">Each a sentence; empty if nothing was to be done.</param>
/// <param name="Problems">What is wrong still.</param>
public sealed record RepairedNode(string Node, IReadOnlyList<string> Done, IReadOnlyList<string> Problems);

/// <summary>An address that no pod is given.</summary>
/// <param name="Network">The network.</param>
/// <param name="Address">The address.</param>
/// <param name="Node">Who has its block; "" if nobody has.</param>
/// <param name="State">
/// kept: the node's list excludes it. held: it does, and a pod has had the address since before. pending: the node has not said so yet.
/// away: it is not alive. free: nobody has the block.
/// </param>
/// <param name="Comment">What it is for.</param>
public sealed record ReservationEntry(string Network, string Address, string Node, string State, string Comment);

/// <summary>Why something was not done.</summary>
/// <param name="Error">A sentence that names the value and the remedy.</param>
public sealed record ApiError(string Error);
