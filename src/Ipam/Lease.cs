namespace Ipam;

/// <summary>What one interface of one container holds.</summary>
public sealed record Lease
{
    /// <summary>The longest container ID, interface name or path, in bytes of UTF-8.</summary>
    public const int MaxTextLength = 4096;

    public required LeaseKey Key { get; init; }

    /// <summary>CNI_NETNS as the runtime gave it; empty if it is not known.</summary>
    public string NetNS { get; init; } = "";

    /// <summary>What the path meant, and to whom.</summary>
    public LeaseOrigin Origin { get; init; }

    /// <summary>When the addresses were given, to the millisecond.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<LeasedAddress> Addresses { get; init; }

    /// <summary>Whether it came from a host-local directory, whose files go when it goes.</summary>
    public bool Imported { get; init; }
}
