using System.Net;
using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Datapath.Node;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Routes;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Ptp;

/// <summary>A pod's cable to the host: the host's end has the gateways' addresses, and everything that the pod sends goes there.</summary>
/// <param name="site">Where it was made.</param>
/// <param name="settings">The configuration, checked.</param>
/// <param name="pair">The veth pair.</param>
internal sealed class PtpLink(LinkSite site, PtpSettings settings, VethPair pair) : IPodLink
{
    /// <inheritdoc/>
    public int Index => pair.PodIndex;

    /// <inheritdoc/>
    public MacAddress Mac => pair.PodMac;

    /// <inheritdoc/>
    public int Mtu => pair.Mtu;

    /// <inheritdoc/>
    public IReadOnlyList<CniInterface> HostInterfaces => [pair.HostInterface];

    /// <inheritdoc/>
    public void Mark(IReadOnlyList<IpPrefix> addresses) => pair.Mark(site.Host, site.Tag, addresses);

    /// <summary>
    /// Nobody but the gateway is on the link, so even a pod's own subnet is behind it. Addresses may share a gateway or a subnet; the first
    /// is the source then.
    /// </summary>
    public IReadOnlyList<RouteSpec> SubnetRoutes(CniResult result) =>
    [
        .. result.Ips.DistinctBy(static ip => ip.Gateway).Select(ip => new RouteSpec
        {
            Destination = IpPrefix.Host(ip.Gateway!),
            OutputIndex = Index,
            Scope = ip.Address.IsIPv6 ? null : RouteScope.Link,
            PreferredSource = ip.Address.Address,
        }),
        .. result.Ips.Where(static ip => ip.Address.Length < ip.Address.MaxLength)
            .DistinctBy(static ip => ip.Address.Masked)
            .Select(ip => new RouteSpec
        {
            Destination = ip.Address.Masked,
            Gateway = ip.Gateway,
            OutputIndex = Index,
            PreferredSource = ip.Address.Address,
        }),
    ];

    /// <inheritdoc/>
    public void Publish(CniResult result, UndoStack undo)
    {
        Forwarding.EnableFor(result.Addresses);
        if (result.Ips.Exists(static ip => ip.Address.IsIPv6))
            _ = InterfaceIPv6.TryEnable(pair.HostName);
        RouteBatch batch = new();
        foreach (IPAddress gateway in result.Ips.Select(static ip => ip.Gateway!).Distinct())
            batch.AddAddress(pair.HostIndex, new AddressSpec { Address = IpPrefix.Host(gateway), NoDad = gateway.IsIPv6 });
        // Before a route that somebody else has to the same address: the pod must be reached by its own link.
        foreach (IPAddress pod in result.Ips.Select(static ip => ip.Address.Address).Distinct())
        {
            batch.PrependRoute(
                new RouteSpec
                {
                    Destination = IpPrefix.Host(pod),
                    OutputIndex = pair.HostIndex,
                    Scope = pod.IsIPv6 ? null : RouteScope.Host,
                },
                tolerate: Errno.EEXIST);
        }
        site.Host.Execute(batch);
        if (settings.Masquerade is { } masquerade)
            PodMasquerade.Add(site.Tag, masquerade, result.Addresses, undo);
    }
}
