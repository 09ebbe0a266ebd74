using Linux;
using Netlink.Route.TrafficControl;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>The qdisc at a place of an interface; null if there is none, as on one that is down.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="parent"><see cref="TcHandle.Root"/> or <see cref="TcHandle.Ingress"/>.</param>
    /// <exception cref="NetlinkException">There is no such interface (ENODEV).</exception>
    public Qdisc? FindQdisc(int link, TcHandle parent)
    {
        NetlinkBatch request = new();
        // Without NLM_F_ECHO the answer goes to the listeners of RTNLGRP_TC alone. A qdisc that the kernel does not show (noop) is EINVAL
        // or no answer at all, hence the acknowledgement (tc_get_qdisc, net/sched/sch_api.c; seen on 6.18).
        const RequestFlags Flags = RequestFlags.Echo | RequestFlags.Acknowledge;
        NetlinkWriter writer = request.Begin(
            RouteMessageType.GetQdisc, (ushort)Flags, $"find the qdisc at {parent} of link {link}", Errno.EINVAL);
        QdiscMessage.WriteReference(writer, link, parent, handle: default, kind: null);
        request.End();
        List<Qdisc> found = _socket.Get(request, QdiscMessage.Parse, absent: Errno.ENOENT);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The filters of an interface, in the order in which they are asked; empty if it is gone.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="parent">For example <see cref="TcHandle.IngressFilters"/>.</param>
    /// <exception cref="NetlinkException">Filters came and went throughout 20 attempts (EBUSY).</exception>
    public List<Filter> ListFilters(int link, TcHandle parent)
    {
        NetlinkBatch request = new();
        TrafficControlMessage.WriteHeader(
            BeginGet(request, RouteMessageType.GetFilter, GetFlags.Dump, $"list filters of link {link}"), link, parent, handle: 0);
        request.End();
        return _socket.Get(request, FilterMessage.Parse, absent: Errno.ENODEV);
    }
}
