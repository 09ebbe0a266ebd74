using Cni;
using Ipam;
using Linux;

namespace Plugins;

/// <summary>Who gives the addresses: a plugin of ours in this process where CNI_PATH leads to this very executable, else whatever it leads to.</summary>
internal static class IpamPlugin
{
    private const string ThisExecutable = "/proc/self/exe";

    /// <summary>The IPAM plugin of a configuration; null if it has none (layer 2 only).</summary>
    /// <exception cref="CniException">The type is no file name.</exception>
    public static ICniPlugin? FromConfig(CniInvocation call) => call.IpamType is { } type ? Resolve(call, type) : null;

    /// <summary>Does what our own host-local would do first, while there is something to wait for.</summary>
    public static void WarmUp() => LeaseStore.WarmUp();

    /// <summary>
    /// Whether addresses are given back through the pod's interface, so that it must still be there: a DHCP server is told through it, ours
    /// or not. Our daemon takes the address from the interface before it tells.
    /// </summary>
    public static bool ReleasesThroughLink(ICniPlugin? ipam) => ipam?.Type == DhcpPlugin.TypeName;

    /// <summary>The plugin of a type. One that CNI_PATH does not hold fails when it is called.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="type">Its <c>ipam.type</c>.</param>
    /// <exception cref="CniException">The type is no file name.</exception>
    public static ICniPlugin Resolve(CniInvocation call, string type) =>
        DelegateRunner.Find(type, call.Path) is { } path && IsThisExecutable(path) && Create(type) is { } own ? own : new ExecutedPlugin(type);

    private static ICniPlugin? Create(string type) => type switch
    {
        HostLocalPlugin.TypeName => new HostLocalPlugin(),
        StaticPlugin.TypeName => new StaticPlugin(),
        DhcpPlugin.TypeName => new DhcpPlugin(),
        _ => null,
    };

    private static bool IsThisExecutable(string path) =>
        FileStatus.TryGet(path) is { } found && FileStatus.TryGet(ThisExecutable) is { } own && found.IsSameFileAs(own);
}
