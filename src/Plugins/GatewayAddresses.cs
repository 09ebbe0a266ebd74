using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>The host's own addresses in the pods' subnets, on the bridge or on its VLAN's gateway interface.</summary>
internal static class GatewayAddresses
{
    /// <summary>The gateway address of each of a pod's addresses: gateway and subnet length, once each.</summary>
    public static IReadOnlyList<IpPrefix> Of(IEnumerable<CniIp> ips) =>
        [.. ips.Where(static ip => ip.Gateway is not null).Select(static ip => new IpPrefix(ip.Gateway!, ip.Address.Length)).Distinct()];

    /// <summary>Gives an interface the addresses that it lacks.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="index">The interface.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="wanted">The gateway addresses.</param>
    /// <param name="force">Whether addresses that are in the way are replaced.</param>
    /// <exception cref="CniException">Another address is in the way; nothing has been changed.</exception>
    public static void Ensure(RouteClient host, int index, string name, IReadOnlyList<IpPrefix> wanted, bool force)
    {
        List<InterfaceAddress> present = host.ListAddresses(index);
        HashSet<IpPrefix> delete = [];
        List<IpPrefix> add = [];
        foreach (IpPrefix gateway in wanted)
        {
            if (present.Exists(address => address.Address == gateway))
                continue;
            foreach (InterfaceAddress address in present)
            {
                if (wanted.Contains(address.Address) || !IsInTheWay(address.Address, gateway))
                    continue;
                if (!force)
                {
                    throw new CniException(
                        CniErrorCode.InvalidNetworkConfig,
                        $"{name} already has an IP address different from {gateway}: {address.Address}; set forceAddress to true to replace it, or delete it with: ip address del {address.Address} dev {name}");
                }
                _ = delete.Add(address.Address);
            }
            add.Add(gateway);
        }
        RouteBatch batch = new();
        foreach (IpPrefix address in delete)
            batch.DeleteAddress(index, address, tolerate: Errno.EADDRNOTAVAIL);
        // Without nodad the first pod's gateway would not answer before detection ends, a second later (seen). Parallel ADDs add the same.
        foreach (IpPrefix gateway in add)
            batch.AddAddress(index, new AddressSpec { Address = gateway, NoDad = gateway.IsIPv6 }, tolerate: Errno.EEXIST);
        host.Execute(batch);
    }

    /// <summary>
    /// The reference's rule: an IPv4 address of another network is a mistake, IPv6 subnets live side by side unless they overlap. The
    /// link-local address that the kernel gives to every interface is no subnet's.
    /// </summary>
    private static bool IsInTheWay(IpPrefix present, IpPrefix gateway) =>
        present.IsIPv6 == gateway.IsIPv6
        && !present.Address.IsIPv6LinkLocal
        && (!gateway.IsIPv6 || present.Contains(gateway.Network) || gateway.Contains(present.Network));
}
