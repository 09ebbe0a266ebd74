using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Objects;

/// <summary>What every object has: its name, and what others say of it. Members that are not named here survive a rewrite.</summary>
public sealed record ObjectMeta
{
    /// <summary>Unique among the objects of its kind, and in its namespace if the kind has them.</summary>
    public string Name { get; init; } = "";

    /// <summary>By which it is selected.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>What programs keep with it.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
