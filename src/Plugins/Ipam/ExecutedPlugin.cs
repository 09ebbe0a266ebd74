using Cni;

namespace Plugins.Ipam;

/// <summary>A plugin of somebody else's, executed by the protocol.</summary>
/// <param name="type">The name of its executable in CNI_PATH.</param>
internal sealed class ExecutedPlugin(string type) : IIpamPlugin
{
    /// <inheritdoc/>
    public string Type => type;

    /// <inheritdoc/>
    public bool ReleasesThroughLink => type == "dhcp";

    /// <inheritdoc/>
    public CniResult Add(CniInvocation invocation) => Runner(invocation).Add();

    /// <inheritdoc/>
    public void Del(CniInvocation invocation) => Runner(invocation).Del();

    /// <inheritdoc/>
    public void Check(CniInvocation invocation) => Runner(invocation).Check();

    /// <inheritdoc/>
    public void Status(CniInvocation invocation) => Runner(invocation).Status();

    /// <inheritdoc/>
    public void Gc(CniInvocation invocation) => Runner(invocation).Gc();

    private DelegateRunner Runner(CniInvocation invocation) => new(type, invocation);
}
