using Datapath.Attachments;
using Datapath.Links;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Tuning;

/// <summary>Gives a pod's interface and kernel settings back what a record says.</summary>
internal static class TuningRestoration
{
    /// <summary>Restores what still exists.</summary>
    /// <param name="pod">The pod's namespace.</param>
    /// <param name="ifName">The interface.</param>
    /// <param name="record">What there was.</param>
    /// <param name="always">Also kernel settings that have another value by now than the one that they were given.</param>
    /// <exception cref="AggregateException">Some steps failed; all have been tried.</exception>
    public static void Run(NetworkNamespace pod, string ifName, TuningRecord record, bool always)
    {
        using RouteClient? host = record.HostEnd is null ? null : RouteClient.Open();
        pod.Run(() =>
        {
            BestEffortSteps cleanUp = new();
            if (record.Link != new LinkChange())
                cleanUp.Try(() => RestoreLink(host, ifName, record));
            foreach (SysctlRecord sysctl in record.Sysctls)
            {
                cleanUp.Try(() =>
                {
                    // Another attachment of the pod may have changed it since, and what it set is its own.
                    if (Sysctl.TryRead(sysctl.Path) is { } current && (always || SysctlSetting.IsSameValue(current, sysctl.Set)))
                        Sysctl.Write(sysctl.Path, sysctl.Found);
                });
            }
            cleanUp.ThrowIfFailed();
        });
    }

    private static void RestoreLink(RouteClient? host, string ifName, TuningRecord record)
    {
        using RouteClient pod = RouteClient.Open();
        if (pod.FindLink(ifName) is not { } link)
            return;
        pod.SetLink(link.Index, record.Link);
        if (host is not null && HostEnd.Find(host, link) is { } hostEnd && hostEnd.Name == record.HostEnd!.Name)
            host.SetLink(hostEnd.Index, new LinkChange { Mtu = record.HostEnd.Mtu });
    }
}
