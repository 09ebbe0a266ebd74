using System.Net;
using Agent.Blocks;
using Cluster.Store;

namespace Agent.Networks;

/// <summary>
/// Says of each reservation in this node's blocks that its list excludes the address, and who holds it nevertheless: a pod that had it
/// before. Whoever reserves waits for that, since no other node knows what the pods of this one hold.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="node">The node's name.</param>
internal sealed class ReservationKeeper(IClusterStore store, StoreKeys keys, string node)
{
    /// <summary>Brings this node's answers to what they should be; called when the lists are written.</summary>
    /// <param name="reservations">Those in this node's blocks, each with the container that holds the address.</param>
    /// <param name="answers">What this node has said, by network and address.</param>
    /// <param name="lease">On which the answers hang.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task AnswerAsync(
        IReadOnlyCollection<(ReservedAddress Reserved, string? Holder)> reservations,
        IReadOnlyDictionary<(string Network, IPAddress Address), ReservationAnswer> answers,
        StoreLease lease,
        CancellationToken cancel)
    {
        foreach ((ReservedAddress reserved, string? holder) in reservations)
        {
            ReservationAnswer answer = new(node, reserved.Revision, holder);
            if (answers.GetValueOrDefault((reserved.Network, reserved.Address)) == answer)
                continue;
            string key = keys.ReservationAnswer(node, reserved.Network, reserved.Address);
            _ = await store.CommitAsync(new StoreTransaction().Put(key, answer.Write(), lease), cancel);
        }
        HashSet<(string, IPAddress)> kept = [.. reservations.Select(static item => (item.Reserved.Network, item.Reserved.Address))];
        foreach ((string network, IPAddress address) in answers.Keys.Where(key => !kept.Contains(key)))
        {
            string key = keys.ReservationAnswer(node, network, address);
            _ = await store.CommitAsync(new StoreTransaction().Delete(key), cancel);
        }
    }
}
