using Agent.Overlay;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
using Microsoft.AspNetCore.Http;
using Netlink.Route;

namespace Agent.Api;

/// <summary>Makes and deletes networks in the store.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
internal sealed class NetworkActions(IClusterStore store, StoreKeys keys)
{
    /// <summary>Makes a network that is not there.</summary>
    /// <param name="network">The network.</param>
    /// <param name="isForced">Also if its pools overlap with what this node reaches elsewhere.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ApiException">It is wrong, is there already, or overlaps; the message says what to do.</exception>
    public async Task CreateAsync(Network network, bool isForced, CancellationToken cancel)
    {
        IReadOnlyList<string> problems = network.FindProblems();
        if (problems.Count > 0)
            throw new ApiException(StatusCodes.Status400BadRequest, string.Join("; ", problems));
        StoreListing there = await store.ListAsync(keys.Networks, cancel);
        IpPrefix[] pools = [.. network.Spec.ReadPools().Select(static pool => pool.Pool)];
        string key = keys.Network(network.Metadata.Name);
        if (there.Values.Any(value => value.Key == key))
            throw Conflict($"network {network.Metadata.Name} exists: delete it first, or choose another name");
        foreach (StoredValue value in there.Values)
        {
            if (ObjectJson.ReadNetwork(value.Bytes, out _) is not { } other)
                continue;
            IEnumerable<IpPrefix> theirs = other.Spec.ReadPools().Select(static pool => pool.Pool);
            RefuseOverlap(pools, theirs, $"network {other.Metadata.Name}", "choose another pool");
        }
        if (!isForced)
            RefuseRoutes(pools);
        else
            network = Force(network);
        if (await store.CommitAsync(new StoreTransaction().ExpectAbsent(key).Put(key, ObjectJson.Write(network)), cancel) is null)
            throw Conflict($"network {network.Metadata.Name} was made by somebody else in this moment");
    }

    /// <summary>Deletes a network. Nodes give back its blocks when no pod of theirs has an address any more.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancel)
    {
        string key = keys.Network(name);
        StoredValue there = (await store.ListAsync(key, cancel)).Values.FirstOrDefault(value => value.Key == key)
            ?? throw new ApiException(
                StatusCodes.Status404NotFound, $"there is no network {name}: cnictl network list shows those there are");
        if (await store.CommitAsync(new StoreTransaction().Expect(there).Delete(key), cancel) is null)
            throw Conflict($"network {name} was changed by somebody else in this moment: try again");
    }

    /// <summary>So that no node calls it a problem.</summary>
    private static Network Force(Network network) => network with
    {
        Metadata = network.Metadata with
        {
            Annotations = new Dictionary<string, string>(network.Metadata.Annotations ?? new Dictionary<string, string>())
            {
                [Network.OverlapAnnotation] = "true",
            },
        },
    };

    private static void RefuseOverlap(IEnumerable<IpPrefix> pools, IEnumerable<IpPrefix> others, string whose, string remedy)
    {
        foreach (IpPrefix pool in pools)
        {
            if (others.FirstOrDefault(other => Overlap(pool, other)) is { Address: not null } other)
                throw Conflict($"pool {pool} overlaps with {other} of {whose}: {remedy}");
        }
    }

    /// <summary>Docker's and podman's networks, VPNs and the underlay itself are all routes of the node.</summary>
    private static void RefuseRoutes(IReadOnlyCollection<IpPrefix> pools)
    {
        using RouteClient host = RouteClient.Open();
        if (PoolOverlaps.Find(host, pools) is [var overlap, ..])
            throw Conflict($"{overlap.Text}: choose another pool, or use --force if the route is to be replaced");
    }

    private static ApiException Conflict(string message) => new(StatusCodes.Status409Conflict, message);

    private static bool Overlap(IpPrefix one, IpPrefix other) => one.Contains(other.Address) || other.Contains(one.Address);
}
