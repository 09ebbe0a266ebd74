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
    public CniResult Add(CniInvocation call) => Runner(call).Add();

    /// <inheritdoc/>
    public void Del(CniInvocation call) => Runner(call).Del();

    /// <inheritdoc/>
    public void Check(CniInvocation call) => Runner(call).Check();

    /// <inheritdoc/>
    public void Status(CniInvocation call) => Runner(call).Status();

    /// <inheritdoc/>
    public void Gc(CniInvocation call) => Runner(call).Gc();

    private DelegateRunner Runner(CniInvocation call) => new(type, call);
}
