using Linux.Addresses;

namespace Cluster.Store;

/// <summary>
/// Where a cluster's values stand in a store. What a node writes of itself lies below its own prefix, so that a store can confine it.
/// </summary>
/// <param name="cluster">The cluster's name; several may share a store.</param>
public sealed class StoreKeys(string cluster)
{
    /// <summary>Of all of the cluster's keys.</summary>
    public string Root { get; } = $"/cniplugin/{cluster}/";

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

    /// <summary>Of the keys that nodes write of themselves.</summary>
    public string Nodes => $"{Root}n/";

    /// <summary>Of the keys that a node writes of itself.</summary>
    public string Node(string node) => $"{Nodes}{node}/";

    /// <summary>The key under which a node says what it is.</summary>
    public string NodeObject(string node) => $"{Node(node)}node";

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
