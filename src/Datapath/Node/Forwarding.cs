using Linux;
using Linux.Addresses;
using Linux.Kernel;

namespace Datapath.Node;

/// <summary>The host as a router. Switched on where a pod needs it, never off: others may need it by then.</summary>
public static class Forwarding
{
    /// <summary>Makes the host forward packets of the families of some addresses.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void EnableFor(IReadOnlyCollection<IpPrefix> addresses)
    {
        if (addresses.Any(static address => !address.IsIPv6))
            Enable("net/ipv4/ip_forward");
        if (addresses.Any(static address => address.IsIPv6))
            Enable("net/ipv6/conf/all/forwarding");
    }

    // Writing has side effects even when nothing changes: IPv6 forgets what it learned from routers.
    private static void Enable(string key)
    {
        if (Sysctl.TryRead(key) != "1")
            Sysctl.Write(key, "1");
    }
}
