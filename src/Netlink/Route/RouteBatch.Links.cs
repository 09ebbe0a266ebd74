using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>
    /// Creates an interface: EEXIST if its name or its index is taken, of a veth also the peer's name; EBUSY if the peer's index is.
    /// </summary>
    /// <param name="link">What to create.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch CreateLink(LinkSpec link, Errno tolerate = Errno.None)
    {
        string peer = link is VethSpec veth ? $" with peer {veth.Peer.Name}" : "";
        NetlinkWriter writer = Begin(
            RouteMessageType.NewLink, NewFlags.Create | NewFlags.Exclusive, $"create {link.Kind} {link.Name}{peer}", tolerate);
        LinkMessage.WriteNew(writer, link);
        return End();
    }

    /// <summary>Changes an interface: ENODEV if there is none with that index.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="change">What to change.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch SetLink(int index, LinkChange change, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.NewLink, NewFlags.None, $"change link {index}", tolerate);
        LinkMessage.WriteChange(writer, index, change);
        return End();
    }

    /// <summary>Deletes an interface, of a veth both ends: ENODEV if there is none with that index.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteLink(int index, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteLink, NewFlags.None, $"delete link {index}", tolerate);
        LinkMessage.WriteReference(writer, index, name: null);
        return End();
    }

    /// <summary>Deletes the interface of a name or an alternative name: ENODEV if there is none.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteLink(string name, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteLink, NewFlags.None, $"delete link {name}", tolerate);
        LinkMessage.WriteReference(writer, index: 0, name);
        return End();
    }
}
