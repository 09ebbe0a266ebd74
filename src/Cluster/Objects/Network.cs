using System.Text.Json;
using System.Text.Json.Serialization;
using Linux.Addresses;

namespace Cluster.Objects;

/// <summary>A network of pods that spans nodes: the object of ours among Kubernetes' own.</summary>
public sealed record Network
{
    /// <summary>The API's group and version.</summary>
    public const string Version = "cniplugin.io/v1";

    /// <summary>The kind's name.</summary>
    public const string KindName = "Network";

    /// <summary>The annotation of one whose pools may overlap with routes of nodes, because somebody wanted it so.</summary>
    public const string OverlapAnnotation = "cniplugin.io/may-overlap";

    // It becomes a file's name, and what the kernel's and the runtimes' names are made of.
    private const int MaxNameLength = 63;

    /// <summary><see cref="Version"/>.</summary>
    public string ApiVersion { get; init; } = Version;

    /// <summary><see cref="KindName"/>.</summary>
    public string Kind { get; init; } = KindName;

    /// <summary>Its name.</summary>
    public ObjectMeta Metadata { get; init; } = new();

    /// <summary>What it is to be.</summary>
    public NetworkSpec Spec { get; init; } = new();

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>Whether its pools may overlap with routes of nodes.</summary>
    [JsonIgnore]
    public bool MayOverlap => Metadata.Annotations?.GetValueOrDefault(OverlapAnnotation) == "true";

    /// <summary>What is wrong with it, each as a sentence that names member, value and remedy; empty if nothing is.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (NameProblem(Metadata.Name) is { } problem)
            problems.Add($"metadata.name is \"{Metadata.Name}\", which {problem}");
        problems.AddRange(Spec.FindProblems());
        return problems;
    }

    private static string? NameProblem(string name) =>
        name.Length is 0 or > MaxNameLength ? $"has {name.Length} characters; give it 1 to {MaxNameLength}"
        : !name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? "has other characters than lower-case letters, digits and hyphens; leave them out"
        : name[0] == '-' || name[^1] == '-' ? "begins or ends with a hyphen; leave it out"
        : null;
}

/// <summary>What a network is to be.</summary>
public sealed record NetworkSpec
{
    /// <summary>The block length of IPv4 unless told: 64 addresses.</summary>
    public const int DefaultIPv4BlockLength = 26;

    /// <summary>The block length of IPv6 unless told: 64 addresses.</summary>
    public const int DefaultIPv6BlockLength = 122;

    /// <summary>Where its pods' addresses come from, as prefixes without host bits; both families make it dual stack.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>The length of the blocks that nodes claim from IPv4 pools; 32: single addresses.</summary>
    [JsonPropertyName("ipv4BlockLength")]
    public int? IPv4BlockLength { get; init; }

    /// <summary>The length of the blocks that nodes claim from IPv6 pools; 128: single addresses.</summary>
    [JsonPropertyName("ipv6BlockLength")]
    public int? IPv6BlockLength { get; init; }

    /// <summary>How packets reach other nodes: auto, vxlan, host-gw or wireguard; null for auto.</summary>
    public string? Backend { get; init; }

    /// <summary>All other members, as they were read.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>The pools that can be read, each with its block length.</summary>
    public IEnumerable<(IpPrefix Pool, int BlockLength)> ReadPools()
    {
        foreach (string text in Pools)
        {
            if (IpPrefix.TryParse(text, out IpPrefix pool))
                yield return (pool, BlockLengthOf(pool.Family));
        }
    }

    /// <summary>How long a block of a family is.</summary>
    public int BlockLengthOf(IpFamily family) => family == IpFamily.IPv6
        ? IPv6BlockLength ?? DefaultIPv6BlockLength
        : IPv4BlockLength ?? DefaultIPv4BlockLength;

    internal IEnumerable<string> FindProblems()
    {
        if (Pools.Count == 0)
            yield return "spec.pools is empty; give it a prefix, 10.244.0.0/16 for example";
        List<IpPrefix> earlier = [];
        foreach (string text in Pools)
        {
            if (!IpPrefix.TryParse(text, out IpPrefix pool))
                yield return $"spec.pools has \"{text}\", which is no prefix; write it as 10.244.0.0/16 or fd00:244::/48";
            else if (!pool.IsMasked)
                yield return $"spec.pools has {text}, which has bits behind its prefix; write {pool.Masked}";
            else if (BlockLengthOf(pool.Family) is var length && (length < pool.Length || length > pool.MaxLength))
                yield return $"the block length {length} does not fit into the pool {text}; use {pool.Length} to {pool.MaxLength}";
            else if (earlier.Find(other => other.Contains(pool.Address) || pool.Contains(other.Address)) is { Address: not null } other)
                yield return $"spec.pools has {other} and {text}, which overlap; leave one out";
            else
                earlier.Add(pool);
        }
        if (Backend is not (null or "auto" or "vxlan" or "host-gw" or "wireguard"))
            yield return $"spec.backend is \"{Backend}\"; use auto, vxlan, host-gw or wireguard";
    }
}
