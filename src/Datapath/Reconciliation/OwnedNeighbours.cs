using System.Net;
using Linux;
using Netlink.Route;
using Netlink.Route.Neighbours;

namespace Datapath.Reconciliation;

/// <summary>The permanent neighbours on a device of ours: those that somebody has set, not those that the kernel has learned.</summary>
/// <param name="client">The kernel.</param>
/// <param name="linkIndex">The device.</param>
public sealed class OwnedNeighbours(RouteClient client, int linkIndex) : RouteObjects<IPAddress, Neighbour>(client)
{
    /// <inheritdoc/>
    public override IReadOnlyList<Neighbour> List() =>
        Client.ListNeighbours(linkIndex).FindAll(static neighbour => neighbour.State.HasFlag(NeighbourState.Permanent));

    /// <inheritdoc/>
    public override IPAddress KeyOf(Neighbour item) => item.Address;

    /// <inheritdoc/>
    public override bool IsAsWanted(Neighbour present, Neighbour wanted) => present.Mac == wanted.Mac;

    // What is missing the kernel may have asked for by now, and have an entry of its own.
    /// <inheritdoc/>
    protected override void Add(RouteBatch batch, Neighbour item) => batch.ReplaceNeighbour(item);

    /// <inheritdoc/>
    protected override void Change(RouteBatch batch, Neighbour item) => batch.ReplaceNeighbour(item);

    /// <inheritdoc/>
    protected override void Remove(RouteBatch batch, Neighbour item) => batch.DeleteNeighbour(item, Errno.ENOENT);
}
