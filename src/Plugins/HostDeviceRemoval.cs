using Cni;
using Linux;
using Netlink.Route;

namespace Plugins;

/// <summary>Gives a device back instead of deleting it, wherever it is by now and whatever it is called.</summary>
/// <param name="call">The DEL.</param>
/// <param name="tag">Of the attachment.</param>
internal sealed class HostDeviceRemoval(CniInvocation call, AttachmentTag tag) : LinkRemoval(call, tag, kind: null)
{
    private readonly CniInvocation _call = call;
    private readonly AttachmentTag _tag = tag;
    private readonly NetworkNamespace _own = NetworkNamespace.Current();

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _own.Dispose();
    }

    /// <summary>In the pod; else on the host, to which the kernel sends a device whose pod has ended.</summary>
    protected override bool Remove(RouteClient host)
    {
        if (base.Remove(host))
            return true;
        if (host.FindLink(_tag.Text) is not { } device || HostDeviceRecord.Find(device) is not { } record)
            return false;
        HostDeviceReturn.OnHost(device, record, host);
        return true;
    }

    /// <inheritdoc/>
    protected override bool Remove(RouteClient inside, RouteClient host)
    {
        if (FindIn(inside) is not { } device)
            return false;
        HostDeviceReturn.FromPod(device, HostDeviceRecord.Find(device), inside, host, _own);
        return true;
    }

    private Link? FindIn(RouteClient inside)
    {
        List<Link> links = inside.ListLinks();
        return links.Find(link => link.AlternativeNames.Contains(_tag.Text))
            // Of a plugin of another make, or of an ADD that was killed before it gave names: only the alias tells.
            ?? links.Find(link => link.Name == _call.IfName && HostDeviceRecord.Find(link) is null && InterfaceName.IsValid(link.Alias ?? ""));
    }
}
