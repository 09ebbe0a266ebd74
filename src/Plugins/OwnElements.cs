using Cni;
using Linux;
using Netlink;
using Netlink.Nftables;

namespace Plugins;

/// <summary>
/// Elements of sets and maps that belong to one attachment each: the comment begins with its tag. The kernel lets anybody add an element
/// that exists, and keeps the old comment; so they are created, never added, and whoever is in the way is judged first.
/// </summary>
internal static class OwnElements
{
    // Each attempt fails only because somebody else changed the ruleset in the tens of microseconds since it was read.
    private const int Attempts = 100;

    /// <summary>Gives elements to an attachment, all of them or none, and to the shared part whatever it lacks.</summary>
    /// <remarks>
    /// As a rule the shared part stands and one batch creates the elements. Only where something is missing, or another element is in the
    /// way, the ruleset is read and changed as one step: the kernel refuses the batch (ERESTART) if the ruleset is no longer the one that
    /// was read. Elements that the attachment has already were left by an ADD that was killed, and go.
    /// </remarks>
    /// <param name="nft">The ruleset.</param>
    /// <param name="shared">What the elements need.</param>
    /// <param name="tag">Whose they are.</param>
    /// <param name="elements">Without comments.</param>
    /// <param name="refuse">Makes the error for an element that another attachment has, who is alive; it is given that one's comment.</param>
    /// <param name="undo">Takes the elements away again.</param>
    /// <exception cref="CniException">Another live attachment has an element.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Add(
        NftClient nft, ISharedPart shared, AttachmentTag tag, IReadOnlyList<OwnElement> elements, Func<OwnElement, string, CniException> refuse, UndoStack undo)
    {
        undo.Push("remove nftables elements", () => RemoveAgain(tag, elements));
        bool stands = shared.FindBroken(nft) is null, isFree = true;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            NftBatch batch = new(stands && isFree ? null : nft.GetGeneration());
            if (!stands)
                shared.Complete(nft, batch);
            if (!isFree)
                DeleteStale(nft, batch, tag, elements, refuse);
            foreach (IGrouping<NftSet, OwnElement> set in elements.GroupBy(static element => element.Set))
                batch.CreateElements(set.Key, [.. set.Select(element => element.Element with { Comment = tag.Comment() })]);
            switch (nft.TryExecute(batch).FirstOrDefault())
            {
                case null:
                    return;
                case { Errno: Errno.ERESTART }:
                    break;
                case { Errno: Errno.EEXIST } when isFree:
                    isFree = false;
                    break;
                case { Errno: Errno.ENOENT } when stands:
                    stands = false;
                    break;
                case { } refusal:
                    throw refusal;
            }
        }
        throw new CniException(CniErrorCode.TryAgainLater, $"the nftables ruleset changed during each of {Attempts} attempts to add to it");
    }

    /// <summary>Removes an attachment's elements that have one of some keys, in one step. Nothing of another one's is touched.</summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<NftElement> Remove(NftClient nft, AttachmentTag tag, IEnumerable<(NftSet Set, NftValue Key)> keys) =>
        nft.DeleteElements(keys, element => IsOf(tag, element));

    /// <inheritdoc cref="Remove(NftClient, AttachmentTag, IEnumerable{ValueTuple{NftSet, NftValue}})"/>
    public static List<NftElement> Remove(NftClient nft, AttachmentTag tag, IEnumerable<OwnElement> elements) =>
        Remove(nft, tag, elements.Select(static element => (element.Set, element.Element.Key)));

    /// <summary>
    /// Removes the elements whose comments are garbage: <see cref="ValidTags.IsGarbage"/>, or <see cref="AttachmentTag.IsIn"/> for those of
    /// one attachment whose keys are unknown. All elements are looked at, which costs the more the more pods there are.
    /// </summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<NftElement> RemoveWhere(NftClient nft, IEnumerable<NftSet> sets, Predicate<string?> isGarbage)
    {
        bool IsGarbage(NftElement element) => isGarbage(element.Comment);
        return nft.DeleteElements(
            from set in sets
            from element in nft.ListElements(set)
            where IsGarbage(element)
            select (set, element.Key),
            IsGarbage);
    }

    /// <summary>Finds out whether shared part and elements are there.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public static void Check(NftClient nft, ISharedPart shared, AttachmentTag tag, IReadOnlyList<OwnElement> elements)
    {
        if (shared.FindBroken(nft) is { } broken)
            throw new CniException(CniErrorCode.CheckFailed, $"nftables {broken} is missing or was changed; the next ADD restores it");
        foreach (IGrouping<NftSet, OwnElement> set in elements.GroupBy(static element => element.Set))
        {
            HashSet<NftElement> present = [.. Find(nft, set).Where(element => IsOf(tag, element)).Select(static element => element with { Comment = null })];
            if (set.FirstOrDefault(wanted => !present.Contains(wanted.Element)) is { } missing)
            {
                throw new CniException(
                    CniErrorCode.CheckFailed, $"nftables {(set.Key.IsMap ? "map" : "set")} {set.Key} has no element {missing.Name} of this container");
            }
        }
    }

    private static void RemoveAgain(AttachmentTag tag, IReadOnlyList<OwnElement> elements)
    {
        using NftClient nft = NftClient.Open();
        _ = Remove(nft, tag, elements);
    }

    private static void DeleteStale(
        NftClient nft, NftBatch batch, AttachmentTag tag, IReadOnlyList<OwnElement> elements, Func<OwnElement, string, CniException> refuse)
    {
        // Many may be one holder's.
        HashSet<string> dead = [];
        foreach (IGrouping<NftSet, OwnElement> set in elements.GroupBy(static element => element.Set))
        {
            Dictionary<NftValue, NftElement> stale = nft.ListElements(set.Key).Where(element => IsOf(tag, element)).ToDictionary(static element => element.Key);
            foreach (NftElement holder in Find(nft, set))
            {
                string comment = holder.Comment ?? "";
                if (!IsOf(tag, holder) && !dead.Contains(comment))
                {
                    if (TagHolder.IsAlive(comment))
                        throw refuse(set.First(wanted => wanted.Element.Key == holder.Key), comment);
                    _ = dead.Add(comment);
                }
                stale[holder.Key] = holder;
            }
            if (stale.Count > 0)
                batch.DeleteElements(set.Key, [.. stale.Values]);
        }
    }

    private static List<NftElement> Find(NftClient nft, IGrouping<NftSet, OwnElement> set) =>
        nft.FindElements(set.Key, [.. set.Select(static element => element.Element.Key)]);

    private static bool IsOf(AttachmentTag tag, NftElement element) => tag.IsIn(element.Comment);
}
