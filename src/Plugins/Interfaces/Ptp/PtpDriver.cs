using Cni;
using Linux.Addresses;
using Linux.Kernel;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Plugins.Masquerade;

namespace Plugins.Interfaces.Ptp;

/// <summary>The link of <c>ptp</c>: a veth pair, and nothing else on the host.</summary>
/// <param name="settings">The configuration, checked.</param>
internal sealed class PtpDriver(PtpSettings settings) : IInterfaceDriver
{
    // What the kernel gives a veth (ETH_DATA_LEN, linux/if_ether.h).
    private const int DefaultMtu = 1500;

    /// <inheritdoc/>
    public InterfaceSettings Pod => settings.Pod;

    /// <inheritdoc/>
    public IPodLink Create(LinkSite site)
    {
        // Before it is made: the kernel's answer may be lost.
        site.Undo.Push($"delete {site.Tag.HostInterfaceName}", () => VethPair.DeleteMade(site.Tag, site.Making));
        VethPair pair = VethPair.Create(
            site.Host, site.Pod, site.Call.IfName, site.Tag, podMac: null, settings.Mtu ?? DefaultMtu, new LinkChange(), site.Making);
        string ipv6 = $"net/ipv6/conf/{pair.HostName}";
        _ = Sysctl.TryWrite($"{ipv6}/accept_ra", "0");
        // In time: the end gets its link-local address when the pod's end goes up. The host asks for the pod from there, and would be mute
        // for up to two seconds until it is certain that nobody else has the address (seen).
        _ = Sysctl.TryWrite($"{ipv6}/accept_dad", "0");
        return new PtpLink(site, settings, pair);
    }

    /// <summary>The gateway is the host's end of the link, so every address needs one.</summary>
    public void Complete(CniResult result)
    {
        foreach (CniIp ip in result.Ips)
        {
            if (ip.Gateway is null)
            {
                throw CniException.InvalidConfig(
                    $"IPAM's result has no gateway for {ip.Address}, and with ptp the gateway is the host's end of the link; give one in "
                    + "the ipam section");
            }
            if (ip.Gateway.Equals(ip.Address.Address))
            {
                throw CniException.InvalidConfig(
                    $"IPAM's result has {ip.Address} with itself as gateway, and with ptp the gateway is the host's end of the link; give "
                    + "another one in the ipam section");
            }
        }
    }

    /// <inheritdoc/>
    public void Check(LinkCheck check)
    {
        Link hostEnd = check.FindHostEnd();
        List<InterfaceAddress> addresses = check.Host.ListAddresses(hostEnd.Index);
        foreach (CniIp ip in check.Ips)
        {
            // One that a later plugin has added.
            if (ip.Gateway is null)
                continue;
            IpPrefix gateway = IpPrefix.Host(ip.Gateway), pod = IpPrefix.Host(ip.Address.Address);
            if (!addresses.Exists(address => address.Address == gateway))
            {
                throw CniException.CheckFailed(
                    $"{hostEnd.Name}, the host end of {check.Call.IfName}, lacks the gateway's address {gateway}");
            }
            if (!check.Host.ListRoutes(new RouteFilter { Destination = pod, Table = RouteTable.Main })
                .Exists(route => route.OutputIndex == hostEnd.Index))
            {
                throw CniException.CheckFailed($"the host's route to {pod} through {hostEnd.Name} does not exist");
            }
        }
        if (settings.Masquerade is { } masquerade)
            PodMasquerade.Check(check.Tag, masquerade, check.OwnAddresses(hostEnd));
    }
}
