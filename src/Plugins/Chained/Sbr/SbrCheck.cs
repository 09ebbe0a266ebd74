using System.Net;
using Cni;
using Datapath.Links;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;
using Netlink.Route.Rules;

namespace Plugins.Chained.Sbr;

/// <summary>CHECK of <c>sbr</c>: whether each address still has its rule, and the rule's table the routes that ADD put there.</summary>
/// <param name="call">The call.</param>
/// <param name="settings">Its configuration, checked.</param>
/// <param name="result">The chain's result.</param>
internal sealed class SbrCheck(CniInvocation call, SbrSettings settings, CniResult result)
{
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing.</exception>
    public void Run()
    {
        using RouteClient pod = RouteClient.Open(call.Namespace!);
        Link link = ChainedInterface.Require(pod, call);
        List<RuleSpec> rules = pod.ListRules();
        List<RouteSpec> routes = settings.Table is null ? pod.ListRoutes(new RouteFilter()) : [];
        foreach (CniIp ip in result.IpsOf(call.IfName))
        {
            string address = IpText.Format(ip.Address.Address);
            if (settings.Table is { } fixedTable)
            {
                if (!rules.Exists(rule => SourceRule.IsFor(rule, ip.Address) && rule.Table == fixedTable))
                    throw CniException.CheckFailed($"there is no rule from {address} to table {fixedTable}");
                continue;
            }
            RuleSpec rule = rules.Find(candidate => SourceRule.Is(candidate) && SourceRule.IsFor(candidate, ip.Address))
                ?? throw CniException.CheckFailed($"there is no rule from {address} to a table of its own");
            List<RouteSpec> present = routes.FindAll(route => route.Table == rule.Table && route.Through(link.Index) is not null);
            CheckRoutes(ip, rule.Table!.Value, new PodInterface(link.Name, link.Index), present);
        }
    }

    private void CheckRoutes(CniIp ip, uint table, PodInterface pod, List<RouteSpec> present)
    {
        IPAddress? wanted = settings.StaticGatewayFor(ip);
        string via = wanted is null ? "" : $" via {IpText.Format(wanted)}";
        // A default route of the result may name another gateway than the address does, and is as good.
        if ((wanted ?? ip.Gateway) is not null
            && !present.Exists(route => IsDefault(route, ip) && (wanted is null || route.Gateways().Contains(wanted))))
        {
            throw CniException.CheckFailed($"table {table}, for {ip.Address}, has no default route{via} dev {call.IfName}");
        }
        foreach (RouteSpec route in result.Routes.Select(route => pod.RouteThrough(route, result.Ips)))
        {
            bool belongs = route.Table == RouteTable.Main && route.Destination.Length > 0 && SbrPlan.Belongs(route, ip);
            if (belongs && !present.Exists(candidate => candidate.Destination == route.Destination))
                throw CniException.CheckFailed($"table {table}, for {ip.Address}, has no route to {route.Destination} dev {call.IfName}");
        }
    }

    private static bool IsDefault(RouteSpec route, CniIp ip) =>
        route.Destination.Length == 0 && route.Destination.IsIPv6 == ip.Address.IsIPv6;
}
