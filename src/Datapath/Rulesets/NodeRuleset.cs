using System.Globalization;
using Linux.Addresses;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>
/// What all pods share of a table in nftables: never a chain or rule per pod, which is an element of the sets. It is made by the first
/// ADD that needs it, mended by every later one, and stays.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Sets">Its sets and maps.</param>
/// <param name="Chains">Its chains with their rules, those that are jumped to first. Others in the table are left alone.</param>
public sealed record NodeRuleset(
    NftTable Table, IReadOnlyList<NftSet> Sets, IReadOnlyList<(NftChain Chain, NftRule[] Rules)> Chains) : INodeRuleset
{
    private const string TableName = "cniplugin";

    /// <summary>Our table of a family.</summary>
    public static NftTable TableOf(NftFamily family) => new(family, TableName);

    /// <summary>
    /// The name of a subnet's chain: <c>masq_10.1.0.0_16</c>, <c>masq_fd00___64</c>. A name of nft's grammar has no colon.
    /// </summary>
    /// <param name="purpose">What the name begins with.</param>
    /// <param name="address">Any of the subnet.</param>
    public static string ChainNameOf(string purpose, IpPrefix address) =>
        $"{purpose}_{IpText.Format(address.Network).Replace(':', '_')}_{address.Length.ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public void Complete(NftClient nft, NftBatch batch)
    {
        batch.AddTable(Table);
        foreach (NftSet set in Sets)
            batch.AddSet(set);
        foreach ((NftChain chain, NftRule[] rules) in Chains)
        {
            // A former version may have called it earlier or later, and the kernel moves no chain.
            bool moves = chain.Base is { } meant && nft.FindChain(Table, chain.Name)?.Base is { } present
                && (present.Type, present.Hook) == (meant.Type, meant.Hook) && present.Priority != meant.Priority;
            if (moves)
                batch.DeleteChain(chain);
            batch.AddChain(chain);
            if (!moves && AreSame(nft.ListRules(chain), rules))
                continue;
            if (!moves)
                batch.FlushChain(chain);
            foreach (NftRule rule in rules)
                batch.AddRule(rule);
        }
    }

    /// <inheritdoc/>
    public string? FindBroken(NftClient nft)
    {
        // One dump of the whole table, which does not grow with pods.
        ILookup<string, NftRule> present = nft.ListRules(Table).ToLookup(static rule => rule.Chain.Name);
        foreach ((NftChain chain, NftRule[] rules) in Chains)
        {
            if (!AreSame([.. present[chain.Name]], rules))
                return $"chain {chain}";
        }
        return null;
    }

    private static bool AreSame(List<NftRule> present, NftRule[] meant) =>
        present.Count == meant.Length
            && present.Zip(meant).All(static pair => pair.First.Expressions.SequenceEqual(pair.Second.Expressions));
}
