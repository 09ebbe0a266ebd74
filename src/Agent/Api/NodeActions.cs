using Cluster.Store;
using Linux.Addresses;
using Microsoft.AspNetCore.Http;

namespace Agent.Api;

/// <summary>What users do with nodes in the store.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where things stand in it.</param>
internal sealed class NodeActions(IClusterStore store, StoreKeys keys)
{
    /// <summary>Gives back the blocks of a node that will not come again.</summary>
    /// <exception cref="ApiException">The node is alive, or has nothing.</exception>
    public async Task<ForgottenNode> ForgetAsync(string node, CancellationToken cancel)
    {
        string key = keys.NodeObject(node);
        if ((await store.ListAsync(key, cancel)).Values.Any(value => value.Key == key))
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, $"node {node} is alive: stop its agent, and wait until cnictl nodes shows it as gone");
        }
        StoredValue[] blocks =
        [
            .. (await store.ListAsync(keys.AllBlocks, cancel)).Values.Where(value => Blocks.BlockOwner.Read(value.Bytes) == node),
        ];
        if (blocks.Length == 0)
            throw new ApiException(StatusCodes.Status404NotFound, $"node {node} has no blocks: cnictl nodes shows those that have");
        List<string> freed = [];
        foreach (StoredValue block in blocks)
        {
            // The node may have come back meanwhile.
            StoreTransaction release = new StoreTransaction().Expect(block).ExpectAbsent(key).Delete(block.Key);
            if (await store.CommitAsync(release, cancel) is not null && Name(block.Key) is { } name)
                freed.Add(name);
        }
        return new ForgottenNode(node, freed);
    }

    private string? Name(string key)
    {
        string network = key[keys.AllBlocks.Length..].Split('/')[0];
        return keys.BlockOf(network, key) is IpPrefix block ? $"{block}" : null;
    }
}
