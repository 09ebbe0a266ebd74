using Linux;

namespace Netlink.Nftables;

public sealed partial class NftClient
{
    // Between reading and deleting lie tens of microseconds, so even many others who change the ruleset all the time lose soon.
    private const int DeleteAttempts = 100;

    /// <summary>
    /// Deletes the elements that have one of some keys and that are the caller's. It is no error if one is absent or not the caller's:
    /// what is read and what is deleted is the same, since the kernel refuses the deletion when anything changed in between, and then
    /// it is read again.
    /// </summary>
    /// <param name="set">The set or map; it may be absent, too.</param>
    /// <param name="keys">Keys to look for.</param>
    /// <param name="isOurs">Whether to delete an element, by its comment for example.</param>
    /// <returns>What was deleted.</returns>
    /// <exception cref="NetlinkException">Refused for another reason; EBUSY if the ruleset did not stand still.</exception>
    public List<NftElement> DeleteElements(NftSet set, ReadOnlySpan<NftValue> keys, Predicate<NftElement> isOurs)
    {
        for (int attempt = 0; attempt < DeleteAttempts; attempt++)
        {
            (uint generation, List<NftElement> found) = ReadAtOneGeneration(set, keys);
            List<NftElement> ours = found.FindAll(isOurs);
            if (ours.Count == 0)
                return [];
            NftBatch batch = new(generation);
            batch.DeleteElements(set, [.. ours]);
            List<NetlinkException> refusals = TryExecute(batch);
            if (refusals.Count == 0)
                return ours;
            if (refusals[0].Errno != Errno.ERESTART)
                throw refusals[0];
        }
        throw new NetlinkException(Errno.EBUSY, $"delete elements {set}", $"the ruleset changed during each of {DeleteAttempts} attempts");
    }

    private (uint Generation, List<NftElement> Elements) ReadAtOneGeneration(NftSet set, ReadOnlySpan<NftValue> keys)
    {
        uint generation = 0;
        NetlinkBatch batch = new();
        // First, so that a change between the requests makes the generation too old and not the elements.
        AppendGetGeneration(batch);
        AppendGetElements(batch, set, keys);
        List<List<NftElement>> lists = _socket.Get<List<NftElement>>(batch, (type, payload) =>
        {
            if (type != NftMessage.TypeOf(NftVerb.NewGeneration))
                return NftElementList.Read(payload);
            generation = ReadGeneration(payload);
            return null;
        });
        return (generation, Flatten(lists));
    }
}
