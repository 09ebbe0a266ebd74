using Cluster.Store;

namespace Agent;

/// <summary>
/// Looks for other clusters in the store, where this one has nothing: its name may be misspelt. Clusters that share a store never see each
/// other otherwise.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="cluster">This cluster's name.</param>
internal sealed class OtherClusters(IClusterStore store, string cluster)
{
    private bool _hasLooked;
    private string? _problem;

    /// <summary>What is wrong, if something is; asked for as long as the cluster has no networks, and looked for once.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancel)
    {
        if (_hasLooked)
            return _problem;
        try
        {
            string[] others =
            [
                .. (await store.ListAsync(StoreKeys.AllClusters, cancel)).Values
                    .Select(static value => value.Key[StoreKeys.AllClusters.Length..].Split('/'))
                    .Where(parts => parts is [_, "networks", ..] && parts[0] != cluster)
                    .Select(static parts => parts[0]).Distinct().Order(StringComparer.Ordinal),
            ];
            _hasLooked = true;
            if (others.Length > 0)
            {
                _problem = $"cluster is \"{cluster}\", which has no networks, and the store has the networks of "
                    + $"{string.Join(", ", others)}: if this node belongs there, set cluster in agent.yaml; else make a network "
                    + "(cnictl network create)";
            }
        }
        catch (StoreException e)
        {
            // Whom the store confines to its own cluster it tells nothing of others.
            _hasLooked = e.Kind == StoreErrorKind.Denied;
        }
        return _problem;
    }
}
