using Linux;

namespace Netlink.Nftables;

public sealed partial class NftClient
{
    // Between reading and deleting lie tens of microseconds, so even many others who change the ruleset all the time lose soon.
    private const int DeleteAttempts = 100;

    /// <inheritdoc cref="DeleteElements(IEnumerable{ValueTuple{NftSet, NftValue}}, Predicate{NftElement})"/>
    /// <param name="set">The set or map; it may be absent, too.</param>
    /// <param name="keys">Keys to look for.</param>
    /// <param name="isOurs">Whether to delete an element, by its comment for example.</param>
    public List<NftElement> DeleteElements(NftSet set, IEnumerable<NftValue> keys, Predicate<NftElement> isOurs) =>
        DeleteElements(keys.Select(key => (set, key)), isOurs);

    /// <summary>
    /// Deletes the elements that have one of some keys and that are the caller's, all in one commit: for each the kernel has to wait
    /// once until the elements are free, and so has whoever closes the client where that does not happen in the background. It is no
    /// error if one is absent or not the caller's: what is read and what is deleted is the same, since the kernel refuses the deletion
    /// when anything changed in between, and then it is read again.
    /// </summary>
    /// <param name="keys">Keys to look for, each with its set or map; that may be absent, too.</param>
    /// <param name="isOurs">Whether to delete an element, by its comment for example.</param>
    /// <returns>What was deleted.</returns>
    /// <exception cref="NetlinkException">Refused for another reason; EBUSY if the ruleset did not stand still.</exception>
    public List<NftElement> DeleteElements(IEnumerable<(NftSet Set, NftValue Key)> keys, Predicate<NftElement> isOurs)
    {
        // The kernel would refuse to delete one twice.
        (NftSet Set, NftValue Key)[] distinct = [.. keys.Distinct()];
        if (distinct.Length == 0)
            return [];
        for (int attempt = 0; attempt < DeleteAttempts; attempt++)
        {
            (uint generation, List<(NftSet Set, NftElement Element)> found, _) = Find(distinct, []);
            found.RemoveAll(item => !isOurs(item.Element));
            if (found.Count == 0)
                return [];
            NftBatch batch = new(generation);
            foreach (IGrouping<NftSet, NftElement> set in found.GroupBy(static item => item.Set, static item => item.Element))
                batch.DeleteElements(set.Key, [.. set]);
            List<NetlinkException> refusals = TryExecute(batch);
            if (refusals.Count == 0)
                return [.. found.Select(static item => item.Element)];
            if (refusals[0].Errno != Errno.ERESTART)
                throw refusals[0];
        }
        throw new NetlinkException(
            Errno.EBUSY,
            $"delete elements {string.Join(", ", distinct.Select(static key => key.Set).Distinct())}",
            $"the ruleset changed during each of {DeleteAttempts} attempts");
    }
}
