using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink;
using Netlink.Route.Routes;

namespace Plugins.Interfaces;

/// <summary>The link that an ADD has made, and what has to be done about it before and after the pod's end gets its addresses.</summary>
internal interface IPodLink
{
    /// <summary>The ifindex of the interface in the pod.</summary>
    int Index { get; }

    /// <summary>Its MAC address.</summary>
    MacAddress Mac { get; }

    /// <summary>Bytes.</summary>
    int Mtu { get; }

    /// <summary>What stands in the result before the pod's interface.</summary>
    IReadOnlyList<CniInterface> HostInterfaces => [];

    /// <summary>
    /// Whether the link carries nothing yet when its end in the pod goes up, so that what the kernel tells the neighbours then is lost and
    /// has to be told again behind <see cref="Publish"/>.
    /// </summary>
    bool IsDeafAtFirst => false;

    /// <summary>What a refusal to switch the interface on means, in the words of the configuration; null if it has none.</summary>
    CniException? Explain(NetlinkException refusal) => null;

    /// <summary>Finds out whether something on the host is in the way of a result. Nothing is changed yet.</summary>
    /// <exception cref="CniException">Something is.</exception>
    void Plan(CniResult result)
    {
    }

    /// <summary>Tells on the host whose addresses these are, where a link outside of the pod's namespace can.</summary>
    void Mark(IReadOnlyList<IpPrefix> addresses)
    {
    }

    /// <summary>
    /// The pod's routes to the subnets of its addresses, in place of those that the kernel makes with an address; null to leave it to the
    /// kernel. They come before the result's routes.
    /// </summary>
    IReadOnlyList<RouteSpec>? SubnetRoutes(CniResult result) => null;

    /// <summary>
    /// Does what comes once the pod's end has its addresses. What pods share is best done last: nothing that can fail stands behind it
    /// then, so a failed ADD need not guess whether another pod relies on it by now.
    /// </summary>
    /// <param name="result">Has the interfaces; more may be appended.</param>
    /// <param name="undo">Takes back what was done if a later step fails.</param>
    void Publish(CniResult result, UndoStack undo)
    {
    }
}
