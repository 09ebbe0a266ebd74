using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Objects;

/// <summary>What a node says of itself; the members of Kubernetes' Node v1 that others need to reach it.</summary>
public sealed record Node
{
    /// <summary>v1.</summary>
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Node.</summary>
    public string Kind { get; init; } = "Node";

    /// <summary>Its name, and in the annotations what <see cref="AgentVersion"/> and <see cref="Identity"/> read.</summary>
    public ObjectMeta Metadata { get; init; } = new();

    /// <summary>What it is.</summary>
    public NodeStatus Status { get; init; } = new();

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>The annotation that has the version of the node's agent.</summary>
    public const string VersionAnnotation = "cniplugin.io/agent-version";

    /// <summary>The annotation that tells two nodes of one name apart.</summary>
    public const string IdentityAnnotation = "cniplugin.io/identity";

    /// <summary>The annotation that has the node's public key for WireGuard, in Base64.</summary>
    public const string WireGuardKeyAnnotation = "cniplugin.io/wireguard-key";

    /// <summary>Its public key for WireGuard, in Base64; "" if it does not say.</summary>
    [JsonIgnore]
    public string WireGuardKey => Metadata.Annotations?.GetValueOrDefault(WireGuardKeyAnnotation) ?? "";

    /// <summary>The version of its agent; "" if it does not say.</summary>
    [JsonIgnore]
    public string AgentVersion => Metadata.Annotations?.GetValueOrDefault(VersionAnnotation) ?? "";

    /// <summary>What tells it from another node of the same name; "" if it does not say.</summary>
    [JsonIgnore]
    public string Identity => Metadata.Annotations?.GetValueOrDefault(IdentityAnnotation) ?? "";

    /// <summary>Its own addresses, as far as they can be read.</summary>
    [JsonIgnore]
    public IReadOnlyList<IPAddress> InternalAddresses =>
    [
        .. (Status.Addresses ?? []).Where(static address => address.Type == NodeAddress.Internal)
            .Select(static address => IPAddress.TryParse(address.Address, out IPAddress? parsed) ? parsed : null).OfType<IPAddress>(),
    ];
}

/// <summary>What a node is.</summary>
public sealed record NodeStatus
{
    /// <summary>How it is reached.</summary>
    public IReadOnlyList<NodeAddress>? Addresses { get; init; }

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>An address of a node.</summary>
public sealed record NodeAddress
{
    /// <summary>The type of those that other nodes use.</summary>
    public const string Internal = "InternalIP";

    /// <summary>InternalIP, ExternalIP, Hostname and so on.</summary>
    public string Type { get; init; } = "";

    /// <summary>The address.</summary>
    public string Address { get; init; } = "";
}
