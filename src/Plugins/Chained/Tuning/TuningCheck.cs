using Cni;
using Datapath.Links;
using Linux;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Chained.Tuning;

/// <summary>CHECK of <c>tuning</c>: whether what was asked for still stands; what nobody asked for may be as it likes.</summary>
/// <param name="call">The call.</param>
/// <param name="settings">Its configuration, checked.</param>
internal sealed class TuningCheck(CniInvocation call, TuningSettings settings)
{
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names key, wanted and found value.</exception>
    public void Run()
    {
        using RouteClient? host = settings.Link.Mtu is null ? null : RouteClient.Open();
        call.Namespace!.Run(() =>
        {
            if (settings.ChangesLink)
                CheckLink(host);
            foreach (SysctlSetting sysctl in settings.Sysctls)
                CheckSysctl(sysctl);
        });
    }

    private void CheckLink(RouteClient? host)
    {
        using RouteClient pod = RouteClient.Open();
        Link link = ChainedInterface.Require(pod, call);
        LinkChange wanted = settings.Link;
        if (wanted.Mac is { } mac && link.Mac != mac)
            throw CniException.CheckFailed($"mac of {call.IfName} is {link.Mac}, wanted {mac}");
        // A packet socket may ask for every frame, too, so nothing but "none" can be wrong.
        if (wanted.Promiscuous is not null && link.Promiscuity == 0)
            throw CniException.CheckFailed($"promisc of {call.IfName} is false, wanted true");
        if (wanted.Mtu is { } mtu && link.Mtu != mtu)
            throw CniException.CheckFailed($"mtu of {call.IfName} is {link.Mtu}, wanted {mtu}");
        if (wanted.AllMulticast is { } all && link.Flags.HasFlag(LinkFlags.AllMulticast) != all)
            throw CniException.CheckFailed($"allmulti of {call.IfName} is {(all ? "false" : "true")}, wanted {(all ? "true" : "false")}");
        if (wanted.TxQueueLength is { } packets && link.TxQueueLength != packets)
            throw CniException.CheckFailed($"txQLen of {call.IfName} is {link.TxQueueLength}, wanted {packets}");
        if (host is not null && HostEnd.Find(host, link) is { } hostEnd && hostEnd.Mtu < wanted.Mtu)
        {
            throw CniException.CheckFailed(
                $"mtu of {hostEnd.Name}, the host end of {call.IfName}, is {hostEnd.Mtu}, wanted at least {wanted.Mtu}");
        }
    }

    private static void CheckSysctl(SysctlSetting setting)
    {
        string current;
        try
        {
            current = Sysctl.TryRead(setting.Path)
                ?? throw CniException.CheckFailed($"sysctl {setting.Key} does not exist, wanted \"{setting.Value}\"");
        }
        catch (LinuxException e) when (e.Errno == Errno.EACCES)
        {
            // It can only be written.
            return;
        }
        if (!SysctlSetting.IsSameValue(current, setting.Value))
            throw CniException.CheckFailed($"sysctl {setting.Key} is \"{current}\", wanted \"{setting.Value}\"");
    }
}
