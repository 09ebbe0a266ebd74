using Cni;
using Datapath.Attachments;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.HostDevice;

/// <summary>Gives a device back instead of deleting it, wherever it is by now and whatever it is called.</summary>
/// <param name="call">The DEL.</param>
/// <param name="tag">Of the attachment.</param>
/// <param name="records">What was lent.</param>
internal sealed class HostDeviceRemoval(
    CniInvocation call, AttachmentTag tag, HostDeviceRecords records) : LinkRemoval(call, tag, kind: null)
{
    private readonly CniInvocation _call = call;
    private readonly AttachmentTag _tag = tag;
    private readonly NetworkNamespace _own = NetworkNamespace.Current();

    private HostDeviceRecord? _record;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _own.Dispose();
    }

    /// <summary>In the pod; else on the host, to which the kernel sends a device whose pod has ended.</summary>
    protected override bool Remove(RouteClient host)
    {
        _record = records.Find(_tag.Text);
        bool found = base.Remove(host) || RemoveOnHost(host);
        if (found)
            records.Delete(_tag.Text);
        else if (_record is not null)
            Forget();
        return found;
    }

    /// <inheritdoc/>
    protected override bool Remove(RouteClient inside, RouteClient host)
    {
        List<Link> links = inside.ListLinks();
        if (_record is { } record)
            return links.Find(link => record.IsInPod(link, host)) is { } lent && HostDeviceReturn.FromPod(lent, record, inside, host, _own);
        (Link Device, HostDeviceRecord Told)? old = FindWithoutRecord(links, host);
        return old is { } found && HostDeviceReturn.FromPod(found.Device, found.Told, inside, host, _own);
    }

    private bool RemoveOnHost(RouteClient host)
    {
        if (_record is { } record)
        {
            if (host.ListLinks().Find(record.IsOnHost) is not { } back)
                return false;
            HostDeviceReturn.OnHost(back, record, host);
            return true;
        }
        if (host.FindLink(_tag.Text) is not { Kind: null } device
            || HostDeviceNames.Find(device) is not { } told || records.FindOf(device) is not null)
        {
            return false;
        }
        HostDeviceReturn.OnHost(device, told, host);
        return true;
    }

    private (Link Device, HostDeviceRecord Told)? FindWithoutRecord(List<Link> links, RouteClient host)
    {
        List<HostDeviceRecord> others = [.. records.All()];
        List<Link> candidates = links.FindAll(
            link => HostDeviceNames.IsFromHost(link, host) && !others.Exists(other => other.IsInPod(link, host)));
        foreach (Link link in candidates)
        {
            if (HostDeviceNames.Find(link) is { } told && told.Tag == _tag.Text)
                return (link, told);
        }
        // Of a plugin of another make: only the alias tells.
        return candidates.Find(link => link.Name == _call.IfName && HostDeviceNames.Find(link) is null) is { } named
            && HostDeviceNames.FindInAlias(named, _tag.Text) is { } byAlias ? (named, byAlias) : null;
    }

    /// <summary>Hardware may be in a namespace that the pod has made, and comes back when that ends; everything else is gone.</summary>
    private void Forget()
    {
        if (_record!.Kind is not null)
            records.Delete(_tag.Text);
        else
        {
            _call.Warn(
                $"device {_record.Name} is neither in CNI_NETNS nor on the host; it gets its name and settings back when it is there "
                + "again");
        }
    }
}
