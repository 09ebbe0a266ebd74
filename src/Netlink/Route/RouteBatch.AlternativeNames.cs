using Linux;
using Netlink.Route.Links;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Gives an interface further names that find it (kernel 5.5 and newer): EEXIST if one is taken.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="names">At most 127 bytes each. All before one that is refused are given.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddAlternativeNames(int index, IReadOnlyList<string> names, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(
            RouteMessageType.NewLinkProperty,
            NewFlags.Create | NewFlags.Exclusive | NewFlags.Append,
            $"add names to link {index}",
            tolerate);
        LinkMessage.WriteAlternativeNames(writer, index, names);
        return End();
    }

    /// <summary>Takes further names from an interface: ENOENT if it has one of them not.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="names">The names. All before one that is refused are taken.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteAlternativeNames(int index, IReadOnlyList<string> names, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteLinkProperty, NewFlags.None, $"delete names of link {index}", tolerate);
        LinkMessage.WriteAlternativeNames(writer, index, names);
        return End();
    }
}
