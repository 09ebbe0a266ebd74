using Linux;
using Linux.Kernel;

namespace Datapath.Links;

/// <summary>IPv6 on an interface, which a node may have switched off for all of them (<c>net.ipv6.conf.all.disable_ipv6</c>).</summary>
public static class InterfaceIPv6
{
    /// <summary>Switches it on, in the network namespace of the calling thread.</summary>
    /// <param name="name">The interface.</param>
    /// <returns>False if the kernel has no IPv6.</returns>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static bool TryEnable(string name)
    {
        string key = $"net/ipv6/conf/{name}/disable_ipv6";
        string? found = Sysctl.TryRead(key);
        if (found is not (null or "0"))
            Sysctl.Write(key, "0");
        return found is not null;
    }
}
