using Cni;
using Datapath.Links;
using Linux;
using Linux.Files;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Routes;
using Netlink.Route.Rules;

namespace Plugins.Chained.Sbr;

/// <summary>
/// DEL of <c>sbr</c>, from what the pod's namespace shows: rules for addresses of the interface, or of the prevResult, and rules of ours
/// whose table leads nowhere but through the interface, or nowhere at all since that is gone.
/// </summary>
/// <param name="call">The call.</param>
internal sealed class SbrRemoval(CniInvocation call)
{
    private readonly HashSet<System.Net.IPAddress> _told =
    [
        .. call.ReadablePrevResult?.IpsOf(call.IfName).Select(static ip => ip.Address.Address) ?? [],
    ];

    /// <summary>Removes rules, and the routes of ours in their tables.</summary>
    public void Run(NetworkNamespace target)
    {
        using FileLock held = PodLock.Take(target);
        using RouteClient pod = RouteClient.Open(target);
        List<RuleSpec> candidates = pod.ListRules().FindAll(SourceRule.Is);
        if (candidates.Count == 0)
            return;
        int? index = pod.FindLink(call.IfName)?.Index;
        List<InterfaceAddress> addresses = pod.ListAddresses();
        List<RouteSpec> routes = pod.ListRoutes(new RouteFilter());
        RouteBatch batch = new();
        foreach (RuleSpec rule in candidates.Where(rule => IsOurs(rule, index, addresses, routes)))
        {
            batch.DeleteRule(rule, tolerate: Errno.ENOENT);
            foreach (RouteSpec route in routes.Where(route => route.Table == rule.Table && route.Protocol == SourceRule.Protocol))
            {
                if (index is { } own && route.Through(own) is not null)
                    batch.DeleteRoute(route, tolerate: Errno.ESRCH);
            }
        }
        pod.Execute(batch);
    }

    private bool IsOurs(RuleSpec rule, int? index, List<InterfaceAddress> addresses, List<RouteSpec> routes)
    {
        System.Net.IPAddress source = rule.Source!.Value.Address;
        if (addresses.Find(address => address.Address.Address.Equals(source)) is { } holder)
            return holder.LinkIndex == index;
        return _told.Contains(source)
            || (rule.Protocol == SourceRule.Protocol
                && routes.Where(route => route.Table == rule.Table).All(route => index is { } own && route.Through(own) is not null));
    }
}
