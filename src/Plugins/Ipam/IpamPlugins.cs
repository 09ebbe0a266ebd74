using Cni;
using Ipam.Store;
using Linux.Files;

namespace Plugins.Ipam;

/// <summary>
/// Finds who gives the addresses: a plugin of ours in this process where CNI_PATH leads to this very executable, else whatever it leads to.
/// </summary>
/// <param name="createOwn">Makes ours of a type; null if there is none.</param>
internal sealed class IpamPlugins(Func<string, IIpamPlugin?> createOwn)
{
    private const string ThisExecutable = "/proc/self/exe";

    /// <summary>Does what our own host-local would do first, while there is something to wait for.</summary>
    public static void WarmUp() => LeaseStore.WarmUp();

    /// <summary>The IPAM plugin of a configuration; null if it has none (layer 2 only).</summary>
    /// <exception cref="CniException">The type is no file name.</exception>
    public IIpamPlugin? FromConfig(CniInvocation call) => call.IpamType is { } type ? Resolve(call, type) : null;

    /// <summary>The plugin of a type. One that CNI_PATH does not hold fails when it is called.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="type">Its <c>ipam.type</c>.</param>
    /// <exception cref="CniException">The type is no file name.</exception>
    public IIpamPlugin Resolve(CniInvocation call, string type) =>
        DelegateRunner.Find(type, call.Path) is { } path && IsThisExecutable(path) && createOwn(type) is { } own
            ? own
            : new ExecutedPlugin(type);

    private static bool IsThisExecutable(string path) =>
        FileStatus.TryGet(path) is { } found && FileStatus.TryGet(ThisExecutable) is { } own && found.IsSameFileAs(own);
}
