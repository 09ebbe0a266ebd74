using Linux;
using Linux.Addresses;
using Netlink.Route.Addresses;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>All addresses, or those of an interface (none if it does not exist), or of a family.</summary>
    /// <exception cref="NetlinkException">Addresses came and went throughout 20 attempts (EBUSY).</exception>
    public List<InterfaceAddress> ListAddresses(int? index = null, IpFamily? family = null)
    {
        NetlinkBatch request = new();
        NetlinkWriter writer = BeginGet(request, RouteMessageType.GetAddress, GetFlags.Dump, "list addresses");
        AddressMessage.WriteHeader(writer, (byte)(family ?? MessageFamily.Unspecified), index ?? 0);
        request.End();
        return _socket.Get(
            request,
            (type, payload) => AddressMessage.Parse(type, payload) is { } address
                && family.Allows(MessageFamily.Of(address.Address.Address)) ? address : null,
            absent: Errno.ENODEV);
    }

    /// <inheritdoc cref="RouteBatch.AddAddress"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void AddAddress(int index, AddressSpec address, Errno tolerate = Errno.None) =>
        Execute(new RouteBatch().AddAddress(index, address, tolerate));

    /// <inheritdoc cref="RouteBatch.DeleteAddress"/>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void DeleteAddress(int index, IpPrefix address, Errno tolerate = Errno.None) =>
        Execute(new RouteBatch().DeleteAddress(index, address, tolerate));
}
