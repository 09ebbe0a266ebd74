using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>Rules of the reference's among others in a shared chain, which stays, and the pods' own chains that they jump to.</summary>
/// <param name="entry">The shared chain's name.</param>
/// <param name="signs">The pod's own chains, one that jumps to another before that; the shared ones where no single pod is meant.</param>
/// <param name="isGarbage">Whether a rule that jumps to a chain of this name goes.</param>
internal sealed class ReferenceJumps(string entry, IReadOnlyList<NftChain> signs, Func<NftRule, string, bool> isGarbage) : IReferenceRules
{
    /// <summary>In iptables' nat tables of IPv4 and IPv6.</summary>
    /// <param name="entry">The shared chain's name.</param>
    /// <param name="sign">The pod's own chain, or the shared one where no single pod is meant.</param>
    /// <param name="isGarbage">Whether a rule that jumps to a chain of this name goes.</param>
    public static ReferenceJumps InNat(string entry, string sign, Func<NftRule, string, bool> isGarbage) =>
        new(
            entry,
            [new NftChain(new NftTable(NftFamily.Ip, "nat"), sign), new NftChain(new NftTable(NftFamily.Ip6, "nat"), sign)],
            isGarbage);

    /// <inheritdoc/>
    public IReadOnlyList<NftChain> Signs => signs;

    /// <inheritdoc/>
    public void Remove(ReferenceRemoval removal, IReadOnlyList<NftChain> present)
    {
        foreach (IGrouping<NftTable, NftChain> table in present.GroupBy(static chain => chain.Table))
        {
            // A pod's own chain goes even if a call that was killed had deleted the rules in front of it.
            HashSet<string> unused = [.. table.Select(static chain => chain.Name).Where(name => name != entry)];
            HashSet<string> used = [];
            foreach (NftRule rule in removal.RulesOf(new NftChain(table.Key, entry)))
            {
                if (rule.JumpTarget is not { } target)
                    continue;
                if (isGarbage(rule, target))
                {
                    removal.Delete(rule);
                    _ = unused.Add(target);
                }
                else
                {
                    _ = used.Add(target);
                }
            }
            foreach (string name in unused.Where(name => !used.Contains(name)))
                removal.Delete(new NftChain(table.Key, name));
        }
    }
}
