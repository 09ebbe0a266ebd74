using System.Globalization;
using Cni;
using Datapath.Attachments;
using Datapath.Endpoints;
using Linux.Addresses;
using Netlink.Route;

namespace Plugins.Chained.Endpoint;

/// <summary>Compares what stands with what an ADD of <c>endpoint</c> leaves.</summary>
/// <param name="call">The CHECK.</param>
/// <param name="result">The result of the whole chain.</param>
/// <param name="settings">What the configuration asks for.</param>
internal sealed class EndpointCheck(CniInvocation call, CniResult result, EndpointSettings settings)
{
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: the message names what is missing or different.</exception>
    public void Run()
    {
        CheckRecord();
        if (settings.Gate)
            CheckGate();
    }

    private void CheckRecord()
    {
        EndpointStore store = new(settings.DataDir);
        string tag = new AttachmentTag(call).Text;
        EndpointRecord record = Read(store, tag) ?? throw CniException.CheckFailed(
            $"{store.PathOf(tag)} does not exist, so the agent of this node does not know the pod: repeat the ADD");
        List<IpPrefix> wanted = [.. result.IpsOf(call.IfName).Select(static ip => ip.Address)];
        if (wanted.Except(record.Addresses).ToList() is { Count: > 0 } missing)
            throw CniException.CheckFailed($"{store.PathOf(tag)} lacks {string.Join(", ", missing)} of {call.IfName}");
        if (record.Addresses.Except(wanted).ToList() is { Count: > 0 } others)
            throw CniException.CheckFailed($"{store.PathOf(tag)} says {string.Join(", ", others)}, which {call.IfName} does not have");
    }

    private static EndpointRecord? Read(EndpointStore store, string tag)
    {
        try
        {
            return store.Find(tag);
        }
        catch (CniException e)
        {
            throw new CniException(CniErrorCode.CheckFailed, $"{store.PathOf(tag)} cannot be read: {e.Message}", inner: e);
        }
    }

    private void CheckGate()
    {
        using RouteClient host = RouteClient.Open();
        if (EndpointHostEnd.Find(call, host) is not { } hostEnd)
            throw CniException.CheckFailed($"gate: {call.IfName} has no end on the node any more");
        if (hostEnd.Group != EndpointGate.LinkGroup)
        {
            throw CniException.CheckFailed(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"gate: {hostEnd.Name} is in link group {hostEnd.Group}, not in {EndpointGate.LinkGroup}: "
                    + $"ip link set dev {hostEnd.Name} group {EndpointGate.LinkGroup}"));
        }
    }
}
