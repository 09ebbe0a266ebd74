using Linux;

namespace Netlink.Nftables;

public sealed partial class NftClient
{
    // Between reading and deleting lie tens of microseconds, so even many others who change the ruleset all the time lose soon.
    private const int DeleteAttempts = 100;

    /// <inheritdoc cref="DeleteElements(IEnumerable{ValueTuple{NftSet, NftValue}}, Predicate{NftElement})"/>
    /// <param name="set">The set or map; it may be absent, too.</param>
    /// <param name="keys">Keys to look for.</param>
    /// <param name="isMeant">Whether to delete an element, by its comment for example.</param>
    public List<NftElement> DeleteElements(NftSet set, IEnumerable<NftValue> keys, Predicate<NftElement> isMeant) =>
        DeleteElements(keys.Select(key => (set, key)), isMeant);

    /// <summary>
    /// Deletes the elements that have one of some keys and that a predicate picks, all in one commit: for each the kernel has to wait
    /// once until the elements are free, and so has whoever closes the client where that does not happen in the background. It is no
    /// error if one is absent or not picked: what is read and what is deleted is the same, since the kernel refuses the deletion
    /// when anything changed in between, and then it is read again. Only where this process may not send so much at once there are several
    /// commits, in the order of the keys.
    /// </summary>
    /// <param name="keys">Keys to look for, each with its set or map; that may be absent, too.</param>
    /// <param name="isMeant">Whether to delete an element, by its comment for example.</param>
    /// <returns>What was deleted.</returns>
    /// <exception cref="NetlinkException">Refused for another reason; EBUSY if the ruleset did not stand still.</exception>
    public List<NftElement> DeleteElements(IEnumerable<(NftSet Set, NftValue Key)> keys, Predicate<NftElement> isMeant)
    {
        // The kernel would refuse to delete one twice.
        HashSet<(NftSet Set, NftValue Key)> left = [.. keys];
        List<NftElement> deleted = [];
        int most = int.MaxValue;
        List<(NftSet Set, NftElement Element)> unknown = [];
        bool wasLost = false;
        for (int attempt = 0; attempt < DeleteAttempts; attempt++)
        {
            if (left.Count == 0)
                return deleted;
            (uint generation, List<(NftSet Set, NftElement Element)> found, _) = Find(left, []);
            found.RemoveAll(item => !isMeant(item.Element));
            // The answer to their deletion was lost; what is gone was deleted.
            deleted.AddRange(unknown.Except(found).Select(static item => item.Element));
            unknown = [];
            List<(NftSet Set, NftElement Element)> part = found[..Math.Min(found.Count, most)];
            if (part.Count == 0)
                return deleted;
            NetlinkException? refusal;
            try
            {
                refusal = TryExecute(Deletion(generation, part)).FirstOrDefault();
            }
            catch (NetlinkException) when (!wasLost)
            {
                (unknown, wasLost) = (part, true);
                continue;
            }
            switch (refusal?.Errno)
            {
                case null:
                    deleted.AddRange(part.Select(static item => item.Element));
                    if (part.Count == found.Count)
                        return deleted;
                    left.ExceptWith(part.Select(static item => (item.Set, item.Element.Key)));
                    attempt = 0;
                    break;
                case Errno.EMSGSIZE when part.Count > 1:
                    most = part.Count / 2;
                    break;
                case Errno.ERESTART:
                    break;
                default:
                    throw refusal!;
            }
        }
        throw new NetlinkException(
            Errno.EBUSY,
            $"delete elements {string.Join(", ", left.Select(static key => key.Set).Distinct())}",
            $"the ruleset changed during each of {DeleteAttempts} attempts");
    }

    private static NftBatch Deletion(uint generation, List<(NftSet Set, NftElement Element)> elements)
    {
        NftBatch batch = new(generation);
        foreach (IGrouping<NftSet, NftElement> set in elements.GroupBy(static item => item.Set, static item => item.Element))
            batch.DeleteElements(set.Key, [.. set]);
        return batch;
    }
}
