using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Files;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Plugins.Chained.Sbr;

/// <summary>One ADD of <c>sbr</c>: two datagrams, so that nothing leaves the main table before it stands in another.</summary>
/// <param name="call">The call.</param>
/// <param name="settings">Its configuration, checked.</param>
/// <param name="ips">The interface's addresses; not empty.</param>
internal sealed class SbrAttachment(CniInvocation call, SbrSettings settings, IReadOnlyList<CniIp> ips)
{
    private readonly NetworkNamespace _pod = call.Namespace!;

    /// <exception cref="CniException">The interface does not exist.</exception>
    public void Make(UndoStack undo)
    {
        using FileLock held = PodLock.Take(_pod);
        using RouteClient pod = RouteClient.Open(_pod);
        Link link = ChainedInterface.Require(pod, call);
        SbrPlan plan = SbrPlan.Make(settings, ips, link.Index, pod.ListRules(), pod.ListRoutes(new RouteFilter()));

        undo.Push("delete rules and their routes", () => Execute(batch => Remove(batch, plan)));
        pod.Execute(Additions(plan));
        undo.Push("put routes back", () => Execute(batch => plan.Moved.ForEach(route => batch.PutBack(route, link.Index))));
        RouteBatch moves = new();
        plan.Moved.ForEach(route => moves.TakeOut(route, link.Index));
        pod.Execute(moves);
    }

    private static RouteBatch Additions(SbrPlan plan)
    {
        RouteBatch batch = new();
        plan.Rules.ForEach(rule => batch.AddRule(rule, tolerate: Errno.EEXIST));
        plan.Routes.ForEach(route => batch.ReplaceRoute(route));
        plan.Hints.ForEach(hint => batch.ReplaceRoute(hint.After));
        return batch;
    }

    private static void Remove(RouteBatch batch, SbrPlan plan)
    {
        plan.Rules.ForEach(rule => batch.DeleteRule(rule, tolerate: Errno.ENOENT));
        plan.Routes.FindAll(route => plan.NewTables.Contains(route.Table))
            .ForEach(route => batch.DeleteRoute(route, tolerate: Errno.ESRCH));
        plan.Hints.ForEach(hint => batch.ReplaceRoute(hint.Before));
    }

    /// <summary>The client of the ADD is closed when its steps are undone.</summary>
    private void Execute(Action<RouteBatch> fill)
    {
        RouteBatch batch = new();
        fill(batch);
        using RouteClient pod = RouteClient.Open(_pod);
        pod.Execute(batch);
    }
}
