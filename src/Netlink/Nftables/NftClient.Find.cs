using Linux;
using Netlink.Wire;

namespace Netlink.Nftables;

public sealed partial class NftClient
{
    /// <summary>Elements by their keys, and which of some sets there are, all at one generation; one datagram, and no dump.</summary>
    /// <param name="keys">Keys to look for, each once with its set or map; that may be absent, too.</param>
    /// <param name="sets">Sets and maps to look for.</param>
    /// <returns>What was found; a batch that is bound to the generation fails if anything has changed since.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public (uint Generation, List<(NftSet Set, NftElement Element)> Elements, List<NftSet> Sets) Find(
        IReadOnlyCollection<(NftSet Set, NftValue Key)> keys, IReadOnlyCollection<NftSet> sets)
    {
        uint generation = 0;
        List<NftSet> present = [];
        NetlinkBatch batch = new();
        // First, so that a change between the requests makes the generation too old and not the elements.
        AppendGetGeneration(batch);
        IGrouping<NftSet, NftValue>[] searched = [.. keys.GroupBy(static key => key.Set, static key => key.Key)];
        foreach (IGrouping<NftSet, NftValue> set in searched)
            AppendGetElements(batch, set.Key, [.. set]);
        foreach (NftSet set in sets)
        {
            const ushort Acknowledged = (ushort)RequestFlags.Acknowledge;
            set.WriteName(NftMessage.Begin(batch, NftVerb.GetSet, Acknowledged, set.Table.Family, $"get set {set}", Errno.ENOENT));
            batch.End();
        }
        List<List<(NftSet, NftElement)>> found = _socket.Get<List<(NftSet, NftElement)>>(batch, (type, payload) =>
        {
            if (type == NftMessage.TypeOf(NftVerb.NewGeneration))
            {
                generation = ReadGeneration(payload);
                return null;
            }
            if (type == NftMessage.TypeOf(NftVerb.NewSet))
            {
                present.Add(NftSet.Read(payload));
                return null;
            }
            NftSet set = NftElementList.FindSet(payload, searched.Select(static set => set.Key));
            return [.. NftElementList.Read(payload).Select(element => (set, element))];
        });
        return (generation, [.. found.SelectMany(static elements => elements)], present);
    }
}
