using System.Net;
using Agent.Blocks;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
using Microsoft.AspNetCore.Http;

namespace Agent.Api;

/// <summary>Reserves addresses, and gives them free again.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
/// <param name="view">What the store says.</param>
internal sealed class ReservationActions(IClusterStore store, StoreKeys keys, ClusterView view)
{
    // Far more than a node takes that is alive; one that is not keeps the address when it comes back.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Reserves an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="network">The network; null for the one that has the address.</param>
    /// <param name="comment">What it is for; null to say nothing.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ApiException">It cannot be; the message says why and what to do.</exception>
    public async Task<ReservationEntry> ReserveAsync(string text, string? network, string? comment, CancellationToken cancel)
    {
        IPAddress address = Parse(text);
        (Network owner, IpPrefix pool) = FindPool(address, network);
        string name = owner.Metadata.Name, shown = IpText.Format(address);
        IpPrefix block = new IpPrefix(address, owner.Spec.BlockLengthOf(address.Family)).Masked;
        if (address.Equals(pool.Network))
            throw Bad($"{shown} is the gateway of the pods of network {name}, and no pod is ever given it: reserve another address");
        if (address.Equals(BlockAddresses.OfNode(block)))
            throw Bad($"{shown} is the address of the node that has block {block}, and no pod is ever given it: reserve another address");
        string key = keys.Reservation(name, address);
        Reservation reservation = new()
        {
            Metadata = new ObjectMeta { Name = shown },
            Spec = new ReservationSpec { Network = name, Address = shown, Comment = comment },
        };
        byte[] bytes = ObjectJson.Write(reservation);
        if (await store.CommitAsync(new StoreTransaction().ExpectAbsent(key).Put(key, bytes), cancel) is not { } revision)
            throw Conflict($"{shown} of network {name} is reserved already: cnictl reservations shows for what");
        BlockOwner? holder = view.Blocks.GetValueOrDefault(name, []).FirstOrDefault(other => other.Block == block);
        ReservationEntry entry = new(name, shown, holder?.Node ?? "", "", comment ?? "");
        if (holder is null)
            return entry with { State = "free" };
        if (!view.Nodes.Any(node => node.Metadata.Name == holder.Node))
            return entry with { State = "away" };
        if (await WaitAsync(holder.Node, name, address, revision, cancel) is not { } answer)
            return entry with { State = "pending" };
        if (answer.Holder is null)
            return entry with { State = "kept" };
        _ = await store.CommitAsync(
            new StoreTransaction().Expect(new StoredValue(key, bytes, revision)).Delete(key), cancel);
        throw Conflict($"{shown} is held by container {answer.Holder} on node {holder.Node}: delete that pod, or reserve another address");
    }

    /// <summary>Gives an address free again.</summary>
    /// <exception cref="ApiException">It is not reserved.</exception>
    public async Task ReleaseAsync(string text, string? network, CancellationToken cancel)
    {
        IPAddress address = Parse(text);
        StoredValue? there = (await store.ListAsync(keys.Reservations, cancel)).Values.FirstOrDefault(value =>
            value.Key.EndsWith($"/{IpText.Format(address)}", StringComparison.Ordinal)
            && (network is null || value.Key == keys.Reservation(network, address)));
        if (there is null)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                $"{IpText.Format(address)} is not reserved{(network is null ? "" : $" in network {network}")}: cnictl reservations shows "
                + "what is");
        }
        _ = await store.CommitAsync(new StoreTransaction().Delete(there.Key), cancel);
    }

    /// <summary>All reservations.</summary>
    public IReadOnlyList<ReservationEntry> List() =>
    [
        .. view.Reserved.Select(reserved =>
        {
            BlockOwner? owner = view.Blocks.GetValueOrDefault(reserved.Network, [])
                .FirstOrDefault(other => other.Block.Contains(reserved.Address));
            ReservationAnswer? answer = owner is null
                ? null
                : view.AnswersOf(owner.Node).GetValueOrDefault((reserved.Network, reserved.Address));
            string state = owner is null ? "free"
                : answer?.Revision != reserved.Revision ? "pending"
                : answer.Holder is null ? "kept" : "held";
            return new ReservationEntry(
                reserved.Network, IpText.Format(reserved.Address), owner?.Node ?? "", state, reserved.Comment);
        }),
    ];

    /// <summary>What the node that has the block says; null if it says nothing.</summary>
    private async Task<ReservationAnswer?> WaitAsync(
        string node, string network, IPAddress address, long revision, CancellationToken cancel)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(s_patience);
        try
        {
            await foreach (IReadOnlyList<StoreChange> batch in
                store.WatchAsync(keys.ReservationAnswer(node, network, address), revision, end.Token))
            {
                foreach (StoreChange change in batch)
                {
                    if (change.Value is { } value && ReservationAnswer.Read(node, value.Bytes) is { } answer && answer.Revision == revision)
                        return answer;
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // It has not answered.
        }
        return null;
    }

    private (Network Network, IpPrefix Pool) FindPool(IPAddress address, string? name)
    {
        IReadOnlyList<Network> all = view.Networks;
        if (name is not null && !all.Any(network => network.Metadata.Name == name))
        {
            throw new ApiException(
                StatusCodes.Status404NotFound, $"there is no network {name}: cnictl network list shows those there are");
        }
        foreach (Network network in all.Where(network => name is null || network.Metadata.Name == name))
        {
            if (network.Spec.ReadPools().Select(static pool => pool.Pool).FirstOrDefault(pool => pool.Contains(address))
                is { Address: not null } pool)
                return (network, pool);
        }
        string pools = string.Join(
            ", ", all.Where(network => name is null || network.Metadata.Name == name).SelectMany(static network => network.Spec.Pools));
        throw Bad($"{IpText.Format(address)} is outside of {(name is null ? "every network's pools" : $"the pools of network {name}")} "
            + $"({(pools.Length > 0 ? pools : "there are none")}): reserve an address of one of them");
    }

    private static IPAddress Parse(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address
        : throw Bad($"\"{text}\" is no IP address; write it as 10.244.0.9 or fd00:244::9");

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);

    private static ApiException Conflict(string message) => new(StatusCodes.Status409Conflict, message);
}
