using System.Diagnostics;
using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux;
using Linux.Files;
using Linux.Kernel;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Chained.Tuning;

/// <summary>
/// One ADD of <c>tuning</c>. Everything is looked up and recorded before anything is changed. The interface comes before the kernel
/// settings, since the kernel derives some of them from it (net/ipv6/conf/IFNAME/mtu).
/// </summary>
/// <param name="call">The call.</param>
/// <param name="settings">Its configuration, checked; not empty.</param>
/// <param name="result">What the plugin before has made.</param>
internal sealed class TuningAttachment(CniInvocation call, TuningSettings settings, CniResult result)
{
    /// <summary>Changes what is asked for, and enters it in the result.</summary>
    /// <exception cref="CniException">The interface or a setting does not exist.</exception>
    public void Make(UndoStack undo)
    {
        if (settings.Link.Mtu is { } mtu)
            RequestedMtu.RequireFor(mtu, call.IfName, result.IpsOf(call.IfName));
        // Opened on the node's side; the rest runs in the pod's namespace, as the kernel settings demand.
        using RouteClient? host = settings.Link.Mtu is null ? null : RouteClient.Open();
        call.Namespace!.Run(() => MakeInside(host, undo));
    }

    private void MakeInside(RouteClient? host, UndoStack undo)
    {
        using FileLock? held = settings.Sysctls.Count > 0 ? PodLock.Take(call.Namespace!) : null;
        using RouteClient? pod = settings.ChangesLink ? RouteClient.Open() : null;
        Link? link = pod is null ? null : ChainedInterface.Require(pod, call);
        Link? hostEnd = host is null ? null : FindHostEnd(host, link!);
        TuningRecord found = new()
        {
            Network = call.Network,
            ContainerId = call.ContainerId,
            IfName = call.IfName,
            At = Stopwatch.GetTimestamp(),
            Link = link is null ? new LinkChange() : Found(link),
            HostEnd = hostEnd is null ? null : new HostEndRecord(hostEnd.Name, hostEnd.Mtu),
            Sysctls = [.. settings.Sysctls.Select(Found).OfType<SysctlRecord>()],
        };
        new TuningRecords(call, [settings.DataDir]).Keep(found, undo);
        NetworkNamespace target = call.Namespace!;
        undo.Push($"restore {call.IfName}", () => TuningRestoration.Run(target, call.IfName, found, always: true));

        if (link is not null)
            pod!.SetLink(link.Index, settings.Link);
        if (hostEnd is not null)
            host!.SetLink(hostEnd.Index, new LinkChange { Mtu = settings.Link.Mtu });
        foreach (SysctlSetting sysctl in settings.Sysctls)
            Sysctl.Write(sysctl.Path, sysctl.Value);
        Enter(hostEnd);
    }

    /// <summary>
    /// The other end of a veth pair, if its MTU is to follow: a packet that is larger than the MTU of the end where it arrives is dropped
    /// silently (veth_xmit). A bridge's port is never made smaller, since the bridge would take that MTU for all its pods.
    /// </summary>
    private Link? FindHostEnd(RouteClient host, Link link)
    {
        if (HostEnd.Find(host, link) is not { } hostEnd || hostEnd.Mtu == settings.Link.Mtu)
            return null;
        if (hostEnd.MasterIndex is not null && settings.Link.Mtu < hostEnd.Mtu)
            return null;
        return result.Interfaces.Exists(candidate => candidate.Sandbox is null && candidate.Name == hostEnd.Name) ? hostEnd : null;
    }

    private LinkChange Found(Link link) => new()
    {
        Mac = settings.Link.Mac is null ? null : link.Mac,
        Promiscuous = settings.Link.Promiscuous is null ? null : link.Flags.HasFlag(LinkFlags.Promiscuous),
        Mtu = settings.Link.Mtu is null ? null : link.Mtu,
        AllMulticast = settings.Link.AllMulticast is null ? null : link.Flags.HasFlag(LinkFlags.AllMulticast),
        TxQueueLength = settings.Link.TxQueueLength is null ? null : link.TxQueueLength,
    };

    /// <summary>Null for a setting that can only be written, such as net/ipv4/route/flush: there is nothing to restore.</summary>
    private SysctlRecord? Found(SysctlSetting setting)
    {
        try
        {
            string found = Sysctl.TryRead(setting.Path)
                ?? throw CniException.InvalidConfig(
                    $"sysctl: \"{setting.Key}\" does not exist in {call.NetNS}: there is no /proc/sys/{setting.Path}; check the key, or "
                    + "load the module that has it");
            return new SysctlRecord(setting.Path, found, setting.Value);
        }
        catch (LinuxException e) when (e.Errno == Errno.EACCES)
        {
            return null;
        }
        catch (LinuxException e)
        {
            throw CniException.InvalidConfig($"sysctl: \"{setting.Key}\" cannot be used: /proc/sys/{setting.Path}: {e.Message}", inner: e);
        }
    }

    private void Enter(Link? hostEnd)
    {
        for (int i = 0; i < result.Interfaces.Count; i++)
        {
            CniInterface entry = result.Interfaces[i];
            if (entry.Sandbox is not null && entry.Name == call.IfName)
            {
                result.Interfaces[i] = entry with
                {
                    Mac = settings.Link.Mac?.ToString() ?? entry.Mac,
                    Mtu = (uint?)settings.Link.Mtu ?? entry.Mtu,
                };
            }
            else if (hostEnd is not null && entry.Mtu is not null && entry.Sandbox is null && entry.Name == hostEnd.Name)
            {
                result.Interfaces[i] = entry with { Mtu = (uint?)settings.Link.Mtu };
            }
        }
    }
}
