using Datapath.Attachments;
using Linux.Addresses;

namespace Datapath.Endpoints;

/// <summary>
/// What a plugin tells the agent of its node about one attachment of a pod. A runtime tells it to plugins alone, once, and the kernel keeps
/// none of the names. The form in a file is that of docs/endpoint.md, "The record".
/// </summary>
public sealed partial record EndpointRecord
{
    /// <summary>
    /// The version of the form. It goes up when a reader of the one before would take something for what it is not; a new member is no such
    /// thing, since readers pass what they do not know.
    /// </summary>
    public const int Version = 1;

    /// <summary>The network.</summary>
    public required string Network { get; init; }

    /// <summary>CNI_CONTAINERID.</summary>
    public required string ContainerId { get; init; }

    /// <summary>CNI_IFNAME: the interface in the pod.</summary>
    public required string IfName { get; init; }

    /// <summary>CNI_NETNS to the letter.</summary>
    public string NetNS { get; init; } = "";

    /// <summary>The other end of the interface, on the node; null if it has none, or one that is elsewhere.</summary>
    public string? HostInterface { get; init; }

    /// <summary>The addresses of this interface, with the length of their subnets' prefixes.</summary>
    public IReadOnlyList<IpPrefix> Addresses { get; init; } = [];

    /// <summary>The name of the pod, or of the container where a runtime has no pods; empty if nobody told it.</summary>
    public string Name { get; init; } = "";

    /// <summary>The namespace that the name is in; empty if nobody told it.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>What tells the pod from an earlier one of its name; empty if nobody told it.</summary>
    public string Uid { get; init; } = "";

    /// <summary>By which services and policies choose.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = NoPairs;

    /// <summary>What else the pod's author has said of it.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = NoPairs;

    /// <summary>Further names in this network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What is published of the pod.</summary>
    public IReadOnlyList<EndpointPort> Ports { get; init; } = [];

    /// <summary>When the ADD was.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The attachment's name, by which everything else of it is found, too.</summary>
    public string Tag => new AttachmentTag(Network, ContainerId, IfName).Text;

    // A property: the initializer of a field would run at the start of every plugin.
    private static SortedDictionary<string, string> NoPairs => new(StringComparer.Ordinal);
}
