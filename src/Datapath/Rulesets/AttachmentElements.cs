using Cni;
using Datapath.Attachments;
using Linux;
using Netlink;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>
/// Elements of sets and maps that belong to one attachment each: the comment begins with its tag. The kernel lets anybody add an element
/// that exists, and keeps the old comment; so they are created, never added, and whoever is in the way is judged first. Others may wait for
/// an element as its heirs (<see cref="HeirSet"/>).
/// </summary>
public static class AttachmentElements
{
    // Each attempt fails only because somebody else changed the ruleset in the tens of microseconds since it was read.
    private const int Attempts = 100;

    /// <summary>Gives elements to an attachment, all of them or none, and to the shared part whatever it lacks.</summary>
    /// <remarks>
    /// As a rule the shared part stands and one batch creates the elements. Only where something is missing, or another element is in the
    /// way, the ruleset is read and changed as one step: the kernel refuses the batch (ERESTART) if the ruleset is no longer the one that
    /// was read. Elements that the attachment has already were left by an ADD that was killed, and go. Where this process may not send so
    /// much at once, the elements come and go in several steps, in their order.
    /// </remarks>
    /// <param name="nft">The ruleset.</param>
    /// <param name="shared">What the elements need.</param>
    /// <param name="tag">Whose they are.</param>
    /// <param name="elements">Without comments.</param>
    /// <param name="contest">What becomes of an element that another attachment has, who is alive.</param>
    /// <param name="undo">Takes the elements away again.</param>
    /// <returns>Those that the attachment has now; of the others it is an heir.</returns>
    /// <exception cref="CniException">Another live attachment has an element, and keeps it.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static IReadOnlyList<AttachmentElement> Add(
        NftClient nft, INodeRuleset shared, AttachmentTag tag, IReadOnlyList<AttachmentElement> elements, Contest contest, UndoStack undo)
    {
        undo.Push("remove nftables elements", () => RemoveAgain(tag, elements));
        using RulesetWait wait = new(contest.Patience);
        return Add(nft, shared, tag, elements, [], contest, wait);
    }

    /// <param name="nft">The ruleset.</param>
    /// <param name="shared">What the elements need.</param>
    /// <param name="tag">Whose they are.</param>
    /// <param name="elements">Those to be added in one step, if that can be.</param>
    /// <param name="added">What earlier steps have added.</param>
    /// <param name="contest">What becomes of an element that another attachment has.</param>
    /// <param name="wait">For that one's DEL.</param>
    private static IReadOnlyList<AttachmentElement> Add(
        NftClient nft,
        INodeRuleset shared,
        AttachmentTag tag,
        IReadOnlyList<AttachmentElement> elements,
        IReadOnlyList<AttachmentElement> added,
        Contest contest,
        RulesetWait wait)
    {
        bool stands = shared.FindBroken(nft) is null, isFree = true;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            NftBatch batch = new(stands && isFree ? null : nft.GetGeneration());
            if (!stands)
                shared.Complete(nft, batch);
            IReadOnlyList<AttachmentElement> owned = elements;
            if (isFree)
            {
                Create(batch, tag, elements);
            }
            else
            {
                IEnumerable<(NftSet, NftValue)> stale = FindStale(nft, tag, elements).Except(KeysOf(added));
                Succession succession = Succession.Read(nft, [.. KeysOf(elements), .. stale]);
                if (Enter(succession, tag, elements, contest, out owned) is var (wanted, owner))
                {
                    if (!wait.TryWait())
                        throw contest.Refuse(wanted, owner);
                    // Waiting is bounded by its time.
                    attempt--;
                    continue;
                }
                succession.AppendTo(batch);
            }
            switch (nft.TryExecute(batch).FirstOrDefault())
            {
                case null:
                    return owned;
                case { Errno: Errno.EMSGSIZE } when elements.Count > 1:
                    // What a killed ADD has left may be more than a step can hold, and goes in steps of its own, its sign last.
                    if (!isFree)
                        _ = Remove(nft, tag, FindStale(nft, tag, elements).Except(KeysOf(added)).Reverse());
                    AttachmentElement[] first = [.. elements.Take(elements.Count / 2)];
                    IReadOnlyList<AttachmentElement> ownedFirst = Add(nft, shared, tag, first, added, contest, wait);
                    return [.. ownedFirst, .. Add(nft, shared, tag, [.. elements.Skip(first.Length)], [.. added, .. first], contest, wait)];
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
        throw Restless("add to it");
    }

    /// <summary>
    /// Removes an attachment's elements that have one of some keys, in one step. Nothing of another one's is touched, except that an heir
    /// has what it waited for.
    /// </summary>
    /// <returns>What was removed, also where the attachment was an heir.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<NftElement> Remove(NftClient nft, AttachmentTag tag, IEnumerable<(NftSet Set, NftValue Key)> keys) =>
        Remove(nft, keys, tag.IsIn);

    /// <inheritdoc cref="Remove(NftClient, AttachmentTag, IEnumerable{ValueTuple{NftSet, NftValue}})"/>
    public static List<NftElement> Remove(NftClient nft, AttachmentTag tag, IEnumerable<AttachmentElement> elements) =>
        Remove(nft, tag, KeysOf(elements));

    /// <inheritdoc cref="Remove(NftClient, AttachmentTag, IEnumerable{ValueTuple{NftSet, NftValue}})"/>
    /// <param name="nft">The ruleset.</param>
    /// <param name="keys">Keys to look for, each with its set or map; that may be absent, too.</param>
    /// <param name="isMeant">Whose are removed, by the comment.</param>
    public static List<NftElement> Remove(NftClient nft, IEnumerable<(NftSet Set, NftValue Key)> keys, Predicate<string?> isMeant)
    {
        (NftSet, NftValue)[] wanted = [.. keys];
        List<NftElement> removed = [], unknown = [];
        bool wasLost = false;
        for (int attempt = 0; attempt < Attempts && wanted.Length > 0; attempt++)
        {
            Succession succession = Succession.Read(nft, wanted);
            List<NftElement> present = succession.Remove(isMeant);
            // The answer to their removal was lost, as in NftClient.DeleteElements; what is gone was removed.
            removed.AddRange(unknown.Where(element => !present.Contains(element)));
            unknown = [];
            if (present.Count == 0)
                return removed;
            NftBatch batch = new(succession.Generation);
            succession.AppendTo(batch);
            NetlinkException? refused;
            try
            {
                refused = nft.TryExecute(batch).FirstOrDefault();
            }
            catch (NetlinkException) when (!wasLost)
            {
                (unknown, wasLost) = (present, true);
                continue;
            }
            switch (refused)
            {
                case null:
                    return [.. removed, .. present];
                case { Errno: Errno.EMSGSIZE } when wanted.Length > 1:
                    int half = wanted.Length / 2;
                    return [.. removed, .. Remove(nft, wanted[..half], isMeant), .. Remove(nft, wanted[half..], isMeant)];
                case { Errno: Errno.ERESTART }:
                    break;
                case { } refusal:
                    throw refusal;
            }
        }
        return wanted.Length == 0 ? [] : throw Restless("remove from it");
    }

    /// <summary>
    /// Removes the elements whose comments are garbage: <see cref="GcScope.IsGarbage"/>, or <see cref="AttachmentTag.IsIn"/> for those of
    /// one attachment whose keys are unknown. All elements are looked at, which costs the more the more pods there are.
    /// </summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<NftElement> RemoveWhere(NftClient nft, IEnumerable<NftSet> sets, Predicate<string?> isGarbage) =>
        Remove(nft, FindKeys(nft, sets, isGarbage), isGarbage);

    /// <summary>
    /// The elements that an attachment has under some keys, and those that it is an heir of while somebody has them; without comments.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static List<(NftSet Set, NftElement Element)> Find(NftClient nft, AttachmentTag tag, IReadOnlyList<AttachmentElement> elements)
    {
        List<(NftSet, NftElement)> found = [];
        foreach (IGrouping<NftSet, NftValue> set in elements.GroupBy(static element => element.Set, static element => element.Element.Key))
        {
            List<NftElement> present = nft.FindElements(set.Key, [.. set]);
            NftValue[] others =
            [
                .. present.Where(element => !tag.IsIn(element.Comment)).Select(element => HeirSet.KeyOf(element.Key, tag.Text)),
            ];
            IEnumerable<NftElement> waiting = others.Length == 0
                ? []
                : nft.FindElements(HeirSet.Of(set.Key), others).Select(entry => HeirSet.HeirOf(set.Key, entry));
            found.AddRange(
                present.Concat(waiting)
                    .Where(element => tag.IsIn(element.Comment))
                    .Select(element => (set.Key, element with { Comment = null })));
        }
        return found;
    }

    /// <summary>Finds out whether shared part and elements are there.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public static void Check(NftClient nft, INodeRuleset shared, AttachmentTag tag, IReadOnlyList<AttachmentElement> elements)
    {
        if (shared.FindBroken(nft) is { } broken)
            throw CniException.CheckFailed($"nftables {broken} is missing or was changed; the next ADD restores it");
        HashSet<(NftSet, NftElement)> present = [.. Find(nft, tag, elements)];
        if (elements.FirstOrDefault(wanted => !present.Contains((wanted.Set, wanted.Element))) is { } missing)
        {
            throw CniException.CheckFailed(
                $"nftables {(missing.Set.IsMap ? "map" : "set")} {missing.Set} has no element {missing.Name} of this container");
        }
    }

    private static void RemoveAgain(AttachmentTag tag, IReadOnlyList<AttachmentElement> elements)
    {
        using NftClient nft = NftClient.Open();
        _ = Remove(nft, tag, elements);
    }

    private static void Create(NftBatch batch, AttachmentTag tag, IReadOnlyList<AttachmentElement> elements)
    {
        foreach (IGrouping<NftSet, AttachmentElement> set in elements.GroupBy(static element => element.Set))
            _ = batch.CreateElements(set.Key, [.. set.Select(element => element.Element with { Comment = tag.Comment() })]);
    }

    /// <returns>An element that another attachment has and does not share; null if each is the attachment's or shared.</returns>
    private static (AttachmentElement Wanted, NftElement Owner)? Enter(
        Succession succession,
        AttachmentTag tag,
        IReadOnlyList<AttachmentElement> elements,
        Contest contest,
        out IReadOnlyList<AttachmentElement> owned)
    {
        List<AttachmentElement> mine = [];
        owned = mine;
        _ = succession.Remove(tag.IsIn);
        foreach (AttachmentElement wanted in elements)
        {
            NftElement? owner = succession.FindLiving(wanted.Set, wanted.Element.Key);
            if (owner is null)
                mine.Add(wanted);
            else if (!contest.IsShared(wanted, owner))
                return (wanted, owner);
            succession.Append(wanted.Set, wanted.Element with { Comment = tag.Comment() });
        }
        return null;
    }

    /// <summary>The elements of a set, those that heirs wait for behind them.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static IEnumerable<NftElement> List(NftClient nft, NftSet set) =>
        nft.ListElements(set).Concat(nft.ListElements(HeirSet.Of(set)).Select(entry => HeirSet.HeirOf(set, entry)));

    private static IEnumerable<(NftSet Set, NftValue Key)> KeysOf(IEnumerable<AttachmentElement> elements) =>
        elements.Select(static element => (element.Set, element.Element.Key));

    private static IEnumerable<(NftSet Set, NftValue Key)> FindStale(
        NftClient nft, AttachmentTag tag, IReadOnlyList<AttachmentElement> elements) =>
        FindKeys(nft, elements.Select(static element => element.Set).Distinct(), tag.IsIn);

    /// <summary>The keys of attachments' elements, also where they are heirs.</summary>
    private static IEnumerable<(NftSet Set, NftValue Key)> FindKeys(NftClient nft, IEnumerable<NftSet> sets, Predicate<string?> isMeant) =>
        from set in sets
        from element in List(nft, set)
        where isMeant(element.Comment)
        select (set, element.Key);

    private static CniException Restless(string purpose) =>
        new(CniErrorCode.TryAgainLater, $"the nftables ruleset changed during each of {Attempts} attempts to {purpose}");
}
