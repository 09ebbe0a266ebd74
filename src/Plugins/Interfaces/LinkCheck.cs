using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces;

/// <summary>A CHECK that has found the pod's interface, addresses and routes good.</summary>
/// <param name="Call">The CHECK.</param>
/// <param name="Host">The host's links.</param>
/// <param name="Pod">The pod's links, addresses and routes.</param>
/// <param name="PodEnd">The interface in the pod.</param>
/// <param name="Ips">The result's addresses of that interface.</param>
internal sealed record LinkCheck(CniInvocation Call, RouteClient Host, RouteClient Pod, Link PodEnd, IReadOnlyList<CniIp> Ips)
{
    /// <summary>Names what the ADD made.</summary>
    public AttachmentTag Tag => new(Call.Network, Call.ContainerId, Call.IfName);

    /// <summary>The other end of a veth.</summary>
    /// <exception cref="CniException">There is none.</exception>
    public Link FindHostEnd() => HostEnd.Find(Host, PodEnd)
        ?? throw CniException.CheckFailed($"the host end of {Call.IfName} does not exist");

    /// <summary>
    /// The addresses that ADD gave to the pod: later plugins may have added some to the interface, the alias of the host end has the first
    /// ones.
    /// </summary>
    public IReadOnlyList<IpPrefix> OwnAddresses(Link hostEnd)
    {
        IpPrefix[] own = [.. AttachmentTag.AddressesIn(hostEnd.Alias ?? "")];
        return own.Length > 0 ? own : [.. Ips.Select(static ip => ip.Address)];
    }
}
