using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>Rules of the reference's among others in shared chains, which stay.</summary>
/// <param name="chains">The chains.</param>
/// <param name="isGarbage">Whether a rule goes.</param>
internal sealed class ReferenceRules(IReadOnlyList<NftChain> chains, Predicate<NftRule> isGarbage) : IReferenceRules
{
    /// <inheritdoc/>
    public IReadOnlyList<NftChain> Signs => chains;

    /// <inheritdoc/>
    public void Remove(ReferenceRemoval removal, IReadOnlyList<NftChain> present)
    {
        foreach (NftRule rule in present.SelectMany(removal.RulesOf).Where(rule => isGarbage(rule)))
            removal.Delete(rule);
    }
}
