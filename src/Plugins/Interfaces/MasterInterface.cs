using System.Net;
using Cni;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Plugins.Interfaces;

/// <summary>The interface that a pod's link stands on: the keys <c>master</c> and <c>linkInContainer</c>.</summary>
/// <param name="Name">Its name; "" for that of the default route.</param>
/// <param name="InContainer">Whether it is in the pod's namespace; else on the host.</param>
internal sealed record MasterInterface(string Name, bool InContainer)
{
    private string Place => InContainer ? "in CNI_NETNS" : "on the host";

    /// <summary>The interface that a configuration names.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="fallback">Names it where the configuration does not; null for the interface of the default route.</param>
    /// <exception cref="CniException">No interface can have that name.</exception>
    public static MasterInterface Check(MasterConfig config, Func<string>? fallback = null)
    {
        string name = config.Master.Length > 0 ? config.Master : fallback?.Invoke() ?? "";
        return name.Length > 0 && InterfaceName.Problem(name) is { } problem
            ? throw CniException.InvalidConfig($"master is \"{name}\", which {problem}")
            : new MasterInterface(name, config.LinkInContainer);
    }

    /// <summary>Finds it.</summary>
    /// <param name="links">The links of where it is.</param>
    /// <exception cref="CniException">It does not exist.</exception>
    public Link Find(RouteClient links)
    {
        if (Name.Length > 0)
        {
            return links.FindLink(Name)
                ?? throw CniException.InvalidConfig($"master is \"{Name}\", and no interface {Place} has that name");
        }
        return FindDefault(links)
            ?? throw CniException.InvalidConfig(
                $"master is missing, and there is no default route {Place} whose interface could serve; add the key");
    }

    /// <summary>Refuses an MTU that the interface cannot carry.</summary>
    /// <param name="master">The interface.</param>
    /// <param name="mtu">Bytes; null for the interface's own.</param>
    /// <exception cref="CniException">It is too large.</exception>
    public static void CheckMtu(Link master, int? mtu)
    {
        if (mtu > master.Mtu)
        {
            throw CniException.InvalidConfig(
                $"mtu is {mtu}, more than the {master.Mtu} of its master {master.Name}; use at most {master.Mtu}, or 0 for the same");
        }
    }

    /// <summary>
    /// Compares what a link stands on with the configuration. The default route may have moved since the ADD, so it is not asked.
    /// </summary>
    /// <exception cref="CniException">It is another interface.</exception>
    public void Check(LinkCheck check)
    {
        if (Name.Length == 0)
            return;
        Link master = (InContainer ? check.Pod : check.Host).FindLink(Name)
            ?? throw CniException.CheckFailed($"master {Name} does not exist {Place}");
        bool sameNamespace = check.PodEnd.PeerNamespaceId is null;
        if (check.PodEnd.PeerIndex != master.Index || sameNamespace != InContainer)
            throw CniException.CheckFailed($"interface {check.Call.IfName} stands on another interface than master {Name} {Place}");
    }

    private static Link? FindDefault(RouteClient links)
    {
        foreach (IPAddress any in (IPAddress[])[IPAddress.Any, IPAddress.IPv6Any])
        {
            IEnumerable<RouteSpec> routes = links.ListRoutes(new RouteFilter
            {
                Destination = new IpPrefix(any, 0),
                Table = RouteTable.Main,
                Type = RouteType.Unicast,
            });
            foreach (RouteSpec route in routes.OrderBy(static route => route.Priority ?? 0))
            {
                int? index = route.OutputIndex ?? (route.Multipath.Count > 0 ? route.Multipath[0].OutputIndex : null);
                if (index is { } known && links.FindLink(known) is { } link)
                    return link;
            }
        }
        return null;
    }
}
