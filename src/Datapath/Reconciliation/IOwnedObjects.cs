using Netlink;

namespace Datapath.Reconciliation;

/// <summary>
/// Objects of one kind that are in the kernel for us: all that bear our mark, such as a route's protocol number, or that are on a device of
/// ours. What somebody else has made is never among them.
/// </summary>
/// <typeparam name="TKey">What tells one from another.</typeparam>
/// <typeparam name="TItem">An object, as it is to be made and as it is read back.</typeparam>
public interface IOwnedObjects<TKey, TItem>
    where TKey : notnull
{
    /// <summary>What there is.</summary>
    /// <exception cref="NetlinkException">The kernel refused to tell.</exception>
    IReadOnlyList<TItem> List();

    /// <summary>What tells an object from others; the kernel has one of each.</summary>
    TKey KeyOf(TItem item);

    /// <summary>Whether what there is is what is wanted; what the latter leaves to the kernel does not count.</summary>
    bool IsAsWanted(TItem present, TItem wanted);

    /// <summary>Makes, changes and removes objects, all in one batch.</summary>
    /// <returns>Those that were refused, with the reason.</returns>
    /// <exception cref="NetlinkException">The answer was lost, so it is unknown what was done.</exception>
    IReadOnlyList<(TItem Item, NetlinkException Error)> Apply(Difference<TItem> difference);
}
