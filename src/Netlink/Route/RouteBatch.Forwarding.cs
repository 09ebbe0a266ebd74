using Linux;
using Linux.Addresses;
using Netlink.Route.Neighbours;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Adds a forwarding entry: EEXIST if the MAC address has one.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddForwarding(ForwardingEntry entry, Errno tolerate = Errno.None) =>
        NewForwarding(NewFlags.Create | NewFlags.Exclusive, "add", entry, tolerate);

    /// <summary>
    /// Adds one more host that a VXLAN sends frames of the MAC address 00:00:00:00:00:00 to; it is no error if it has it. EOPNOTSUPP or
    /// EEXIST for other MAC addresses.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AppendForwarding(ForwardingEntry entry, Errno tolerate = Errno.None) =>
        NewForwarding(NewFlags.Create | NewFlags.Append, "append", entry, tolerate);

    /// <summary>Adds a forwarding entry or changes the one that there is.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch ReplaceForwarding(ForwardingEntry entry, Errno tolerate = Errno.None) =>
        NewForwarding(NewFlags.Create | NewFlags.Replace, "replace", entry, tolerate);

    /// <summary>Deletes a forwarding entry: ENOENT if there is none.</summary>
    /// <param name="entry">The entry; its state does not count.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteForwarding(ForwardingEntry entry, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteNeighbour, NewFlags.None, Describe("delete", entry), tolerate);
        ForwardingMessage.Write(writer, entry);
        return End();
    }

    private static OperationText Describe(string verb, ForwardingEntry entry)
    {
        string to = entry.Destination is { } destination ? $" to {IpText.Format(destination)}" : "";
        return $"{verb} forwarding of {entry.Mac}{to} on link {entry.LinkIndex}";
    }

    private RouteBatch NewForwarding(NewFlags flags, string verb, ForwardingEntry entry, Errno tolerate)
    {
        NetlinkWriter writer = Begin(RouteMessageType.NewNeighbour, flags, Describe(verb, entry), tolerate);
        ForwardingMessage.Write(writer, entry);
        return End();
    }
}
