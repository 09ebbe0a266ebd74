using Cni;
using Datapath.Attachments;

namespace Plugins.Chained.Sbr;

/// <summary>
/// <c>sbr</c>: source based routing. What the pod sends from an address of the interface leaves through the interface, whatever other
/// interfaces it has. Keys and their meaning: docs/sbr.md. All of it lives in the pod's namespace.
/// </summary>
public sealed class SbrPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "sbr";

    /// <summary>A namespace that is gone has taken rules and routes with it.</summary>
    public override void Del(CniInvocation call)
    {
        if (call.ForeignNamespace is { } pod)
            new SbrRemoval(call).Run(pod);
    }

    /// <summary>Nothing of an ADD lives outside the pod's namespace.</summary>
    public override void Gc(CniInvocation call)
    {
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        SbrSettings settings = SbrSettings.Read(call);
        if (result.Ips.Count == 0)
        {
            throw CniException.InvalidConfig(
                "prevResult has no addresses, so there is nothing to route by: sbr must stand behind a plugin that gives some");
        }
        CniIp[] ips = [.. result.IpsOf(call.IfName)];
        if (ips.Length > 0)
            new SbrAttachment(call, settings, ips).Make(undo);
    }

    private protected override void Compare(CniInvocation call, CniResult result) =>
        new SbrCheck(call, SbrSettings.Read(call), result).Run();
}
