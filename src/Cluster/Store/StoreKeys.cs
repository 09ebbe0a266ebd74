using System.Net;
using Linux.Addresses;

namespace Cluster.Store;

/// <summary>
/// Where a cluster's values stand in a store. What a node writes of itself lies below its own prefix, so that a store can confine it.
/// </summary>
/// <param name="cluster">The cluster's name; several may share a store.</param>
public sealed class StoreKeys(string cluster)
{
    /// <summary>Of the keys of all clusters.</summary>
    public const string AllClusters = "/cniplugin/";

    /// <summary>Of all of the cluster's keys.</summary>
    public string Root { get; } = $"{AllClusters}{cluster}/";

    /// <summary>Of the networks' keys.</summary>
    public string Networks => $"{Root}networks/";

    /// <summary>A network's key.</summary>
    public string Network(string name) => $"{Networks}{name}";

    /// <summary>Of the keys of all networks' blocks.</summary>
    public string AllBlocks => $"{Root}blocks/";

    /// <summary>Of the keys of a network's blocks.</summary>
    public string Blocks(string network) => $"{AllBlocks}{network}/";

    /// <summary>A block's key: an address holds colons or points, so only its length can follow behind a hyphen.</summary>
    public string Block(string network, IpPrefix block) => $"{Blocks(network)}{IpText.Format(block.Address)}-{block.Length}";

    /// <summary>Of the keys of addresses that no pod is given.</summary>
    public string Reservations => $"{Root}reservations/";

    /// <summary>A reservation's key.</summary>
    public string Reservation(string network, IPAddress address) => $"{Reservations}{network}/{IpText.Format(address)}";

    /// <summary>Of the keys that nodes write of themselves.</summary>
    public string Nodes => $"{Root}n/";

    /// <summary>Of the keys that a node writes of itself.</summary>
    public string Node(string node) => $"{Nodes}{node}/";

    /// <summary>The key under which a node says what it is.</summary>
    public string NodeObject(string node) => $"{Node(node)}node";

    /// <summary>Of the keys under which a node says which reservations it keeps.</summary>
    public string ReservationAnswers(string node) => $"{Node(node)}reservations/";

    /// <summary>The key under which a node says that it keeps a reservation.</summary>
    public string ReservationAnswer(string node, string network, IPAddress address) =>
        $"{ReservationAnswers(node)}{network}/{IpText.Format(address)}";

    /// <summary>A block's key as people read it: <c>10.244.1.0/26 of network pods</c>.</summary>
    public string TextOfBlock(string key)
    {
        string[] parts = key[AllBlocks.Length..].Split('/');
        return BlockOf(parts[0], key) is { } block ? $"{block} of network {parts[0]}" : key;
    }

    /// <summary>The block of a key; null if it is none of the network's.</summary>
    public IpPrefix? BlockOf(string network, string key)
    {
        string prefix = Blocks(network);
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        string text = key[prefix.Length..];
        int hyphen = text.LastIndexOf('-');
        return hyphen > 0 && IpPrefix.TryParse($"{text[..hyphen]}/{text[(hyphen + 1)..]}", out IpPrefix block) ? block : null;
    }
}
