using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Objects;

/// <summary>An address of a network that no pod is given, because something else has it or is to have it.</summary>
public sealed record Reservation
{
    /// <summary><see cref="Network.Version"/>.</summary>
    public string ApiVersion { get; init; } = Network.Version;

    /// <summary>Reservation.</summary>
    public string Kind { get; init; } = "Reservation";

    /// <summary>Its name is the address.</summary>
    public ObjectMeta Metadata { get; init; } = new();

    /// <summary>What is reserved.</summary>
    public ReservationSpec Spec { get; init; } = new();

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>The address; null if it cannot be read.</summary>
    [JsonIgnore]
    public IPAddress? Address => IPAddress.TryParse(Spec.Address, out IPAddress? address) ? address : null;
}

/// <summary>What is reserved.</summary>
public sealed record ReservationSpec
{
    /// <summary>The network's name.</summary>
    public string Network { get; init; } = "";

    /// <summary>The address.</summary>
    public string Address { get; init; } = "";

    /// <summary>What it is for; null if nobody said.</summary>
    public string? Comment { get; init; }

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
