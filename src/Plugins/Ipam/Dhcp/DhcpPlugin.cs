using Cni;
using Dhcp.Daemon;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Ipam.Dhcp;

/// <summary>
/// <c>dhcp</c>: lets the daemon (<see cref="DhcpDaemon"/>) get addresses from a DHCP server and keep them. The interface must stand: the
/// server is asked through it.
/// </summary>
public sealed class DhcpPlugin : IIpamPlugin
{
    /// <summary>The name under which configurations ask for it.</summary>
    public const string TypeName = "dhcp";

    private static readonly TimeSpan s_carrierTimeout = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public bool ReleasesThroughLink => true;

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        DhcpSettings settings = DhcpSettings.Read(call);
        call.Namespace!.Run(() => BringUp(settings.Request));
        return new DaemonClient(settings.SocketPath).Allocate(settings.Request);
    }

    /// <inheritdoc/>
    public void Del(CniInvocation call)
    {
        DhcpSettings settings = DhcpSettings.ReadKey(call);
        new DaemonClient(settings.SocketPath).Release(settings.Request);
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call)
    {
        DhcpSettings settings = DhcpSettings.Read(call);
        new DaemonClient(settings.SocketPath).Check(settings.Request);
    }

    /// <inheritdoc/>
    public void Status(CniInvocation call)
    {
        DhcpSettings settings = DhcpSettings.ReadKey(call);
        new DaemonClient(settings.SocketPath).Ping(settings.Request);
    }

    /// <inheritdoc/>
    public void Gc(CniInvocation call)
    {
        DhcpSettings settings = DhcpSettings.ReadKey(call);
        new DaemonClient(settings.SocketPath).Collect(settings.Request, call.ValidAttachments);
    }

    /// <summary>
    /// Brings the interface up and waits for its carrier, here and not in the daemon, which never waits: a first message that is lost costs
    /// a second. An interface that has no carrier yet may get one while the daemon repeats itself.
    /// </summary>
    private static void BringUp(LeaseRequest request)
    {
        // Without IPv6 in the kernel there is no such key, and no address either.
        if (request.IPv6)
            _ = Sysctl.TryWrite($"net/ipv6/conf/{request.IfName}/disable_ipv6", "0");
        using RouteClient client = RouteClient.Open();
        Link link = client.FindLink(request.IfName) ?? throw new CniException(
            CniErrorCode.InvalidEnvironment,
            $"CNI_IFNAME {request.IfName} does not exist in CNI_NETNS {request.NetNS}; dhcp is called by a plugin that has made it");
        if (link.Flags.HasFlag(LinkFlags.Running))
            return;
        using LinkMonitor monitor = LinkMonitor.Open();
        client.SetLink(link.Index, new LinkChange { Up = true });
        _ = monitor.WaitForLink(link.Index, static candidate => candidate.Flags.HasFlag(LinkFlags.Running), s_carrierTimeout);
    }
}
