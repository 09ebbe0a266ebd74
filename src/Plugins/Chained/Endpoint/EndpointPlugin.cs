using Cni;
using Datapath.Attachments;
using Datapath.Endpoints;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Configuration;

namespace Plugins.Chained.Endpoint;

/// <summary>
/// <c>endpoint</c>: writes down for the agent of the node who a pod is, and puts its host end behind the gate where asked to. Keys and
/// their meaning: docs/endpoint.md. It needs no agent, waits for none, and changes nothing of what the pod has.
/// </summary>
public sealed class EndpointPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "endpoint";

    /// <summary>Deletes the record. The group goes with the host end.</summary>
    public override void Del(CniInvocation call)
    {
        string tag = new AttachmentTag(call).Text;
        ForEachStore(call, store => store.Delete(tag));
    }

    /// <inheritdoc/>
    public override void Gc(CniInvocation call)
    {
        GcScope valid = new(call);
        ForEachStore(call, store => store.DeleteAllBut(valid));
    }

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        EndpointSettings settings = EndpointSettings.Read(call);
        using RouteClient host = RouteClient.Open();
        Link? hostEnd = EndpointHostEnd.Find(call, host);
        // Before anybody can read of the pod.
        if (settings.Gate)
            EndpointHostEnd.Guard(call, host, hostEnd, undo);
        new EndpointStore(settings.DataDir).Keep(Describe(call, result, settings, hostEnd), undo);
    }

    private protected override void Compare(CniInvocation call, CniResult result) =>
        new EndpointCheck(call, result, EndpointSettings.Read(call)).Run();

    private static EndpointRecord Describe(CniInvocation call, CniResult result, EndpointSettings settings, Link? hostEnd) => new()
    {
        Network = call.Network,
        ContainerId = call.ContainerId,
        IfName = call.IfName,
        NetNS = call.NetNS,
        HostInterface = hostEnd?.Name,
        Addresses = [.. result.IpsOf(call.IfName).Select(static ip => ip.Address)],
        Name = settings.Identity.Name,
        Namespace = settings.Identity.Namespace,
        Uid = settings.Identity.Uid,
        Labels = settings.Labels,
        Annotations = settings.Annotations,
        Aliases = settings.Aliases,
        Ports = settings.Ports,
        CreatedAt = DateTimeOffset.UtcNow,
    };

    private static void ForEachStore(CniInvocation call, Action<EndpointStore> action)
    {
        BestEffortSteps cleanUp = new();
        foreach (string directory in RecordDirectory.ReadAll(call, EndpointStore.DefaultDirectory))
            cleanUp.Try(() => action(new EndpointStore(directory)));
        cleanUp.ThrowIfFailed();
    }
}
