using Linux;
using Linux.Addresses;
using Netlink.Route.Neighbours;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Adds a neighbour: EEXIST if the address has an entry on that interface, even one that the kernel made.</summary>
    /// <param name="neighbour">The neighbour.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddNeighbour(Neighbour neighbour, Errno tolerate = Errno.None) =>
        NewNeighbour(NewFlags.Create | NewFlags.Exclusive, "add", neighbour, tolerate);

    /// <summary>Adds a neighbour or changes the entry that there is.</summary>
    /// <param name="neighbour">The neighbour.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch ReplaceNeighbour(Neighbour neighbour, Errno tolerate = Errno.None) =>
        NewNeighbour(NewFlags.Create | NewFlags.Replace, "replace", neighbour, tolerate);

    /// <summary>Deletes the entry of an address on an interface: ENOENT if there is none.</summary>
    /// <param name="neighbour">The neighbour; only its interface, address and kind count.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteNeighbour(Neighbour neighbour, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteNeighbour, NewFlags.None, Describe("delete", neighbour), tolerate);
        NeighbourMessage.Write(writer, neighbour);
        return End();
    }

    private static OperationText Describe(string verb, Neighbour neighbour) =>
        $"{verb} neighbour {IpText.Format(neighbour.Address)} on link {neighbour.LinkIndex}";

    private RouteBatch NewNeighbour(NewFlags flags, string verb, Neighbour neighbour, Errno tolerate)
    {
        NetlinkWriter writer = Begin(RouteMessageType.NewNeighbour, flags, Describe(verb, neighbour), tolerate);
        NeighbourMessage.Write(writer, neighbour);
        return End();
    }
}
