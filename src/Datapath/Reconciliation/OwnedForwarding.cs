using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Neighbours;

namespace Datapath.Reconciliation;

/// <summary>All forwarding entries of a VXLAN of ours that learns none.</summary>
/// <param name="client">The kernel.</param>
/// <param name="linkIndex">The VXLAN.</param>
public sealed class OwnedForwarding(RouteClient client, int linkIndex) : RouteObjects<MacAddress, ForwardingEntry>(client)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ForwardingEntry> List() => Client.ListForwarding(linkIndex);

    /// <inheritdoc/>
    public override MacAddress KeyOf(ForwardingEntry item) => item.Mac;

    /// <inheritdoc/>
    public override bool IsAsWanted(ForwardingEntry present, ForwardingEntry wanted) =>
        Equals(present.Destination, wanted.Destination) && present.NetworkId == wanted.NetworkId
        && present.State.HasFlag(NeighbourState.Permanent);

    /// <inheritdoc/>
    protected override void Add(RouteBatch batch, ForwardingEntry item) => batch.ReplaceForwarding(item);

    /// <inheritdoc/>
    protected override void Change(RouteBatch batch, ForwardingEntry item) => batch.ReplaceForwarding(item);

    /// <inheritdoc/>
    protected override void Remove(RouteBatch batch, ForwardingEntry item) => batch.DeleteForwarding(item, Errno.ENOENT);
}
