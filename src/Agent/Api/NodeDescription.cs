namespace Agent.Api;

/// <summary>What an agent knows of a node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSelf">Whether it is the agent's own.</param>
/// <param name="IsAlive">Whether its agent keeps its lease.</param>
/// <param name="Addresses">By which others reach it; empty if it is gone.</param>
/// <param name="Version">Of its agent; "" if it is gone.</param>
/// <param name="Identity">What tells it from another node of its name; "" if it is gone.</param>
/// <param name="Mtu">That of pods on the agent's own node, bytes; null while it is not known.</param>
/// <param name="Blocks">Its blocks.</param>
/// <param name="Ways">How the agent's node reaches it; of its own, how it reaches all others.</param>
/// <param name="Problems">Of the agent's own node all, of another those that are about it.</param>
public sealed record NodeDescription(
    string Name,
    bool IsSelf,
    bool IsAlive,
    IReadOnlyList<string> Addresses,
    string Version,
    string Identity,
    int? Mtu,
    IReadOnlyList<BlockDescription> Blocks,
    IReadOnlyList<WayEntry> Ways,
    IReadOnlyList<string> Problems);

/// <summary>A block of a node.</summary>
/// <param name="Network">The network.</param>
/// <param name="Block">The block.</param>
/// <param name="Held">How many addresses pods hold; null where only the node itself knows.</param>
/// <param name="Size">How many addresses it has for pods; about, where they are very many.</param>
/// <param name="Reserved">How many of them are reserved; null as with <paramref name="Held"/>.</param>
/// <param name="IsOwn">Whether it is of this very node, not of another that had its name.</param>
public sealed record BlockDescription(string Network, string Block, int? Held, double Size, int? Reserved, bool IsOwn);

/// <summary>How a block is reached.</summary>
/// <param name="Node">Who has it.</param>
/// <param name="Block">The block.</param>
/// <param name="Way">vxlan, host-gw or wireguard.</param>
/// <param name="Host">The node's address to which packets go.</param>
public sealed record WayEntry(string Node, string Block, string Way, string Host);

/// <summary>How large packets of pods may be.</summary>
/// <param name="Mtu">What pods have, bytes; null while it is not known.</param>
/// <param name="Paths">The ways to other nodes.</param>
public sealed record MtuReport(int? Mtu, IReadOnlyList<MtuPath> Paths);

/// <summary>A way to another node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Way">vxlan, host-gw or wireguard.</param>
/// <param name="Host">Its address to which packets go.</param>
/// <param name="Overhead">What a pod's packet is longer by on the way, bytes.</param>
/// <param name="Targets">Addresses of which one at least is the node's behind the tunnel; empty if there is none.</param>
public sealed record MtuPath(string Node, string Way, string Host, int Overhead, IReadOnlyList<string> Targets)
{
    /// <summary>What pods have that take this way, bytes; null if as all.</summary>
    public int? Mtu { get; init; }
}
