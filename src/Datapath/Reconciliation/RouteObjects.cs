using Netlink;
using Netlink.Route;

namespace Datapath.Reconciliation;

/// <summary>Objects that requests of <see cref="RouteBatch"/> make and remove.</summary>
/// <param name="client">The kernel.</param>
public abstract class RouteObjects<TKey, TItem>(RouteClient client) : IOwnedObjects<TKey, TItem>
    where TKey : notnull
{
    /// <summary>The kernel.</summary>
    protected RouteClient Client { get; } = client;

    /// <inheritdoc/>
    public abstract IReadOnlyList<TItem> List();

    /// <inheritdoc/>
    public abstract TKey KeyOf(TItem item);

    /// <inheritdoc/>
    public abstract bool IsAsWanted(TItem present, TItem wanted);

    /// <inheritdoc/>
    public IReadOnlyList<(TItem Item, NetlinkException Error)> Apply(Difference<TItem> difference)
    {
        RouteBatch batch = new();
        foreach (TItem item in difference.Different)
            Change(batch, item);
        foreach (TItem item in difference.Missing)
            Add(batch, item);
        // Last, so that what takes their place is there before they are gone.
        foreach (TItem item in difference.Superfluous)
            Remove(batch, item);
        TItem[] items = [.. difference.Different, .. difference.Missing, .. difference.Superfluous];
        return [.. Client.TryExecute(batch).Select(refusal => (items[refusal.Request], refusal))];
    }

    /// <summary>Appends the one request that makes an object.</summary>
    protected abstract void Add(RouteBatch batch, TItem item);

    /// <summary>Appends the one request that puts an object in the place of the one with its key.</summary>
    protected abstract void Change(RouteBatch batch, TItem item);

    /// <summary>Appends the one request that removes an object; that it has gone by itself is no error.</summary>
    protected abstract void Remove(RouteBatch batch, TItem item);
}
