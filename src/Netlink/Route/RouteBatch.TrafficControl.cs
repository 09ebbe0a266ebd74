using Linux;
using Netlink.Route.TrafficControl;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Adds a qdisc: EEXIST if the place is taken by one that is not the kernel's own choice.</summary>
    /// <param name="qdisc">What to add.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddQdisc(QdiscSpec qdisc, Errno tolerate = Errno.None) =>
        WriteQdisc(NewFlags.Create | NewFlags.Exclusive, $"add qdisc {qdisc.Kind} to link {qdisc.LinkIndex}", qdisc, tolerate);

    /// <summary>
    /// Adds a qdisc, or changes the one of this handle: EEXIST if one of another handle is there, EINVAL if one of another kind is.
    /// </summary>
    /// <param name="qdisc">What to add.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch SetQdisc(QdiscSpec qdisc, Errno tolerate = Errno.None) =>
        WriteQdisc(NewFlags.Create, $"set qdisc {qdisc.Kind} of link {qdisc.LinkIndex}", qdisc, tolerate);

    /// <summary>
    /// Deletes a qdisc: EINVAL or ENOENT if there is another of its place, or none; ENODEV if there is no such link.
    /// </summary>
    /// <param name="link">The interface.</param>
    /// <param name="parent">Its place.</param>
    /// <param name="handle">Its number.</param>
    /// <param name="kind">What it must be; null for any kind.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteQdisc(int link, TcHandle parent, TcHandle handle, string? kind = null, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(
            RouteMessageType.DeleteQdisc, NewFlags.None, $"delete qdisc {handle} at {parent} of link {link}", tolerate);
        QdiscMessage.WriteReference(writer, link, parent, handle, kind);
        return End();
    }

    /// <summary>
    /// Adds a filter: ENOENT if the link has no qdisc that takes filters, EINVAL if filters of another kind have its priority.
    /// </summary>
    /// <param name="filter">What to add.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddFilter(U32RedirectSpec filter, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(
            RouteMessageType.NewFilter,
            NewFlags.Create | NewFlags.Exclusive,
            $"redirect what enters link {filter.LinkIndex} to link {filter.Target}",
            tolerate);
        FilterMessage.WriteNew(writer, filter);
        return End();
    }

    /// <summary>Deletes a filter: ENOENT if it is gone.</summary>
    /// <param name="filter">As it was read.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteFilter(Filter filter, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(
            RouteMessageType.DeleteFilter,
            NewFlags.None,
            $"delete filter {filter.Kind} of priority {filter.Priority} of link {filter.LinkIndex}",
            tolerate);
        FilterMessage.WriteReference(writer, filter);
        return End();
    }

    private RouteBatch WriteQdisc(NewFlags flags, OperationText description, QdiscSpec qdisc, Errno tolerate)
    {
        QdiscMessage.WriteNew(Begin(RouteMessageType.NewQdisc, flags, description, tolerate), qdisc);
        return End();
    }
}
