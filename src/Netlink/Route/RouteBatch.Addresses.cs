using Linux;
using Linux.Addresses;
using Netlink.Route.Addresses;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Puts an address on an interface: EEXIST if it has it.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">The address.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddAddress(int index, AddressSpec address, Errno tolerate = Errno.None)
    {
        OperationText description = $"add address {address.Address} to link {index}";
        NetlinkWriter writer = Begin(RouteMessageType.NewAddress, NewFlags.Create | NewFlags.Exclusive, description, tolerate);
        AddressMessage.WriteNew(writer, index, address);
        return End();
    }

    /// <summary>Takes an address from an interface: EADDRNOTAVAIL if it does not have it.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">The address with its prefix length.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteAddress(int index, IpPrefix address, Errno tolerate = Errno.None)
    {
        OperationText description = $"delete address {address} from link {index}";
        NetlinkWriter writer = Begin(RouteMessageType.DeleteAddress, NewFlags.None, description, tolerate);
        AddressMessage.WriteReference(writer, index, address);
        return End();
    }
}
