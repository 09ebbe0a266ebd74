using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>What is to be removed in one step, from a ruleset that is read as it goes.</summary>
/// <param name="nft">Reads.</param>
/// <param name="batch">Bound to the generation that is read.</param>
/// <param name="keepsChains">Whether chains are only emptied.</param>
internal sealed class ReferenceRemoval(NftClient nft, NftBatch batch, bool keepsChains)
{
    /// <summary>The rules of a chain; none if it is absent.</summary>
    public List<NftRule> RulesOf(NftChain chain) => nft.ListRules(chain);

    /// <summary>Deletes a rule that was read.</summary>
    public void Delete(NftRule rule) => batch.DeleteRule(rule);

    /// <summary>Deletes a chain to which no rule jumps any more, with its rules.</summary>
    public void Delete(NftChain chain) => _ = keepsChains ? batch.FlushChain(chain) : batch.DeleteChain(chain);
}
