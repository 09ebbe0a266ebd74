using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Routes;

namespace Datapath.Reconciliation;

/// <summary>The addresses of a device of ours, without the link-local ones, which the kernel makes.</summary>
/// <param name="client">The kernel.</param>
/// <param name="linkIndex">The device.</param>
public sealed class OwnedAddresses(RouteClient client, int linkIndex) : RouteObjects<IpPrefix, AddressSpec>(client)
{
    /// <inheritdoc/>
    public override IReadOnlyList<AddressSpec> List() =>
    [
        .. Client.ListAddresses(linkIndex)
            .Where(static address => address.Scope != RouteScope.Link)
            .Select(static address => new AddressSpec { Address = address.Address, Scope = address.Scope }),
    ];

    /// <inheritdoc/>
    public override IpPrefix KeyOf(AddressSpec item) => item.Address;

    /// <inheritdoc/>
    public override bool IsAsWanted(AddressSpec present, AddressSpec wanted) => present.Scope == wanted.Scope;

    /// <inheritdoc/>
    protected override void Add(RouteBatch batch, AddressSpec item) => batch.AddAddress(linkIndex, item);

    // The kernel changes no address's scope; that it is there is what counts.
    /// <inheritdoc/>
    protected override void Change(RouteBatch batch, AddressSpec item) => batch.AddAddress(linkIndex, item, Errno.EEXIST);

    /// <inheritdoc/>
    protected override void Remove(RouteBatch batch, AddressSpec item) =>
        batch.DeleteAddress(linkIndex, item.Address, Errno.EADDRNOTAVAIL);
}
