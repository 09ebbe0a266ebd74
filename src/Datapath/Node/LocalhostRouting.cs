using System.Net;
using Cni;
using Linux;
using Linux.Kernel;
using Netlink.Route;

namespace Datapath.Node;

/// <summary>
/// <c>route_localnet</c> of the interface towards a pod: without it the kernel drops what comes from or goes to 127.0.0.0/8 there, and so
/// the host's connections to a port that is published on its localhost. Switched on, never off: other pods are behind the same interface.
/// </summary>
public static class LocalhostRouting
{
    /// <summary>Lets 127.0.0.1 reach a pod.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void EnableTowards(RouteClient host, IPAddress pod)
    {
        if (KeyFor(host, pod) is { } key && Sysctl.TryRead(key) != "1")
            Sysctl.Write(key, "1");
    }

    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: it is off.</exception>
    public static void Check(RouteClient host, IPAddress pod)
    {
        if (KeyFor(host, pod) is { } key && Sysctl.TryRead(key) is { } value && value != "1")
        {
            throw CniException.CheckFailed(
                $"sysctl {key} is {value}, so ports published on 127.0.0.1 cannot be reached; the next ADD sets it to 1");
        }
    }

    /// <summary>Null if the host has no way to the pod.</summary>
    private static string? KeyFor(RouteClient host, IPAddress pod) =>
        host.FindRoute(pod)?.OutputIndex is { } index && host.FindLink(index) is { } link
            ? $"net/ipv4/conf/{link.Name}/route_localnet"
            : null;
}
