using System.Net;
using Datapath.Rulesets;
using Linux.Addresses;
using Netlink;
using Netlink.Nftables;

namespace Agent.Overlay;

/// <summary>Keeps rules and sets of nftables as they should be, each time in one step or not at all.</summary>
/// <param name="nft">The ruleset.</param>
/// <param name="settings">Node and cluster.</param>
internal sealed class OverlayFirewall(NftClient nft, OverlaySettings settings)
{
    private readonly OverlayRuleset _ruleset = new(settings);

    /// <summary>Makes all as wanted.</summary>
    /// <param name="peers">The addresses of all other nodes.</param>
    /// <param name="ownBlocks">The blocks of this node.</param>
    /// <param name="pools">All addresses of pods.</param>
    /// <param name="wireGuardPorts">The UDP port of WireGuard, if it is used.</param>
    /// <returns>What was changed, for the log; null if nothing was.</returns>
    /// <exception cref="NetlinkException">The kernel refused; EBUSY if the ruleset did not stand still.</exception>
    public string? Reconcile(
        IReadOnlyCollection<IPAddress> peers,
        IReadOnlyList<IpPrefix> ownBlocks,
        IReadOnlyList<IpPrefix> pools,
        IReadOnlyList<ushort> wireGuardPorts)
    {
        List<string> changes = [];
        RulesetChange.Apply(nft, $"complete table {OverlayRuleset.Table}", batch =>
        {
            changes.Clear();
            if (_ruleset.Rules.FindBroken(nft) is { } broken)
            {
                _ruleset.Rules.Complete(nft, batch);
                changes.Add(broken);
            }
            ReconcileSet(batch, OverlayRuleset.WireGuardPorts, wireGuardPorts.Select(NftValue.Port), changes);
            foreach (IpFamily family in IpFamily.Both)
            {
                IEnumerable<IPAddress> ofFamily = peers.Where(address => address.Family == family);
                ReconcileSet(batch, OverlayRuleset.Peers(family), ofFamily.Select(NftValue.Of), changes);
                ReconcileIntervals(batch, OverlayRuleset.Blocks(family), ownBlocks.Where(block => block.Family == family), changes);
                ReconcileIntervals(batch, OverlayRuleset.Pools(family), pools.Where(pool => pool.Family == family), changes);
            }
        });
        return changes.Count == 0 ? null : string.Join(", ", changes);
    }

    private void ReconcileSet(NftBatch batch, NftSet set, IEnumerable<NftValue> keys, List<string> changes)
    {
        HashSet<NftValue> wanted = [.. keys];
        HashSet<NftValue> present = [.. nft.ListElements(set).Select(static element => element.Key)];
        NftElement[] missing = [.. wanted.Except(present).Select(static key => new NftElement(key))];
        NftElement[] superfluous = [.. present.Except(wanted).Select(static key => new NftElement(key))];
        batch.DeleteElements(set, superfluous).AddElements(set, missing);
        if (missing.Length + superfluous.Length > 0)
            changes.Add($"set {set}");
    }

    /// <summary>
    /// Intervals are changed all at once: one that grows overlaps with what it was, and there are few of them. A packet sees what there was
    /// or what there is.
    /// </summary>
    private void ReconcileIntervals(NftBatch batch, NftSet set, IEnumerable<IpPrefix> prefixes, List<string> changes)
    {
        IReadOnlyList<NftElement> wanted = IntervalElements.Of(prefixes);
        List<NftElement> present = nft.ListElements(set);
        if (wanted.Select(KeyOf).ToHashSet().SetEquals(present.Select(KeyOf)))
            return;
        batch.DeleteElements(set, [.. present]).AddElements(set, [.. wanted]);
        changes.Add($"set {set}");
    }

    private static (NftValue Key, bool IsEnd) KeyOf(NftElement element) => (element.Key, element.IsIntervalEnd);
}
