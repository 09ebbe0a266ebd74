using Netlink;

namespace Datapath.Reconciliation;

/// <summary>What became of a reconciliation.</summary>
/// <param name="Difference">What differed.</param>
/// <param name="Failures">What of it was refused.</param>
public sealed record Outcome<TItem>(Difference<TItem> Difference, IReadOnlyList<(TItem Item, NetlinkException Error)> Failures)
{
    /// <summary>Whether all is as wanted now.</summary>
    public bool IsWhole => Failures.Count == 0;
}
