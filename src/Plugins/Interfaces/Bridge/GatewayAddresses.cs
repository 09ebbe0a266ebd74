using Cni;
using Datapath.Links;
using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Addresses;

namespace Plugins.Interfaces.Bridge;

/// <summary>
/// The host's own addresses in the pods' subnets, on the bridge or on its VLAN's gateway interface: first what has to change, which is
/// where it can be refused, then the change, which comes last in an ADD because other pods may rely on it at once.
/// </summary>
internal sealed class GatewayAddresses
{
    private readonly HashSet<IpPrefix> _delete = [];
    private readonly List<IpPrefix> _add = [];
    private readonly string _name;

    private GatewayAddresses(string name) => _name = name;

    /// <summary>The gateway address of each of a pod's addresses: gateway and subnet length, once each.</summary>
    public static IReadOnlyList<IpPrefix> Of(IEnumerable<CniIp> ips) =>
        [.. ips.Where(static ip => ip.Gateway is not null).Select(static ip => new IpPrefix(ip.Gateway!, ip.Address.Length)).Distinct()];

    /// <summary>Finds out which addresses an interface lacks.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="index">The interface; null if it is still to be made.</param>
    /// <param name="name">Its name.</param>
    /// <param name="wanted">The gateway addresses.</param>
    /// <param name="force">Whether addresses that are in the way are replaced.</param>
    /// <exception cref="CniException">Another address is in the way; nothing has been changed.</exception>
    public static GatewayAddresses Plan(RouteClient host, int? index, string name, IReadOnlyList<IpPrefix> wanted, bool force)
    {
        GatewayAddresses plan = new(name);
        List<InterfaceAddress> present = index is { } existing ? host.ListAddresses(existing) : [];
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
                    throw CniException.InvalidConfig(
                        $"{name} already has an IP address different from {gateway}: {address.Address}; set forceAddress to true to "
                        + $"replace it, or delete it with: ip address del {address.Address} dev {name}");
                }
                _ = plan._delete.Add(address.Address);
            }
            plan._add.Add(gateway);
        }
        return plan;
    }

    /// <summary>Carries the plan out; to be called in the host's namespace.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="index">The interface.</param>
    /// <exception cref="Netlink.NetlinkException">The kernel refuses; nothing has been changed if it is for want of IPv6.</exception>
    public void Apply(RouteClient host, int index)
    {
        if (_add.Exists(static gateway => gateway.IsIPv6))
            _ = InterfaceIPv6.TryEnable(_name);
        // IPv6 first and by itself: only that can be refused, where the kernel lacks it.
        foreach (IpFamily family in IpFamily.Both.Reverse())
        {
            RouteBatch batch = new();
            foreach (IpPrefix address in _delete.Where(address => address.Family == family))
                batch.DeleteAddress(index, address, tolerate: Errno.EADDRNOTAVAIL);
            // Without nodad the first pod's gateway would not answer before detection ends, a second later (seen). Parallel ADDs add the
            // same.
            foreach (IpPrefix gateway in _add.Where(gateway => gateway.Family == family))
                batch.AddAddress(index, new AddressSpec { Address = gateway, NoDad = gateway.IsIPv6 }, tolerate: Errno.EEXIST);
            host.Execute(batch);
        }
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
