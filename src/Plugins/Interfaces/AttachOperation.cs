using Cni;
using Datapath.Attachments;
using Datapath.Links;
using Linux.Addresses;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Configuration;
using Plugins.Ipam;

namespace Plugins.Interfaces;

/// <summary>
/// One ADD of an interface plugin: allocate addresses and make the link at the same time, configure the pod's end, publish. Each step has
/// its undo.
/// </summary>
internal sealed class AttachOperation : IDisposable
{
    private readonly CniInvocation _call;
    private readonly IInterfaceDriver _step;
    private readonly AttachmentTag _tag;
    private readonly RouteClient _host = RouteClient.Open();
    private RouteClient? _pod;
    private readonly IIpamPlugin? _ipam;

    private AttachOperation(CniInvocation call, IInterfaceDriver step, IpamPlugins ipam)
    {
        _call = call;
        _step = step;
        _ipam = step.Pod.IpamType is { } type ? ipam.Resolve(call, type) : null;
        _tag = new AttachmentTag(call);
    }

    /// <summary>Attaches the pod, or leaves everything as it was.</summary>
    /// <param name="call">The ADD.</param>
    /// <param name="step">Makes the link.</param>
    /// <param name="ipam">Finds who gives the addresses.</param>
    public static CniResult Add(CniInvocation call, IInterfaceDriver step, IpamPlugins ipam)
    {
        if (!step.Pod.HasAddresses && !new CniResult().CanBeWrittenAs(call.CniVersion, out string? problem))
            throw CniException.InvalidConfig($"{problem}, or add an ipam section");
        // Closed behind the undoing, which needs the sockets.
        using AttachOperation attachment = new(call, step, ipam);
        return UndoStack.Run(call, attachment.Add);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pod?.Dispose();
        _host.Dispose();
    }

    private CniResult Add(UndoStack undo)
    {
        (IPodLink link, CniResult result) = LinkAndAllocate(undo);
        link.Plan(result);
        bool exists = _step.Pod.HasInterface;
        if (exists && _step.Pod.HasAddresses)
            Configure(link, result);
        else if (exists && !_step.Pod.StaysDown)
            SwitchOn(link, () => _pod!.SetLink(link.Index, new LinkChange { Up = true }));
        result.Interfaces.AddRange(link.HostInterfaces);
        result.Interfaces.Add(new CniInterface
        {
            Name = _call.IfName,
            Mac = exists ? link.Mac.ToString() : null,
            Sandbox = _call.NetNS,
            Mtu = exists ? (uint)link.Mtu : null,
        });
        link.Publish(result, undo);
        if (link.IsDeafAtFirst && _step.Pod.HasAddresses && MayBeKnown(result))
            new PodInterface(_call.IfName, link.Index).Announce(_pod!, link.Mac);
        // All is made; whoever is killed before the answer is out has made an attachment that its DEL removes.
        _ipam?.End();
        return result;
    }

    /// <summary>
    /// Whether neighbours may know an address under another MAC. They ask again for one of IPv4 within seconds; for one of IPv6 it takes
    /// them 41.
    /// </summary>
    private bool MayBeKnown(CniResult result) => _ipam is not { MayBeKnown: false } || result.Ips.Exists(static ip => ip.Address.IsIPv6);

    /// <summary>Both halves have ended when this returns or throws, so that undoing one does not meet the other at work.</summary>
    private (IPodLink Link, CniResult Result) LinkAndAllocate(UndoStack undo)
    {
        IpamAllocation? allocation = _ipam is { } ipam ? new IpamAllocation(_call, ipam) : null;
        if (_ipam is { ReleasesThroughLink: false })
            undo.Push("release addresses", allocation!.Release);
        PendingVeth making = _ipam?.Begin(_call, _tag) ?? new PendingVeth();
        UndoStack linkUndo = undo.Branch();
        BackgroundWork<IPodLink> makingLink = BackgroundWork<IPodLink>.Start(
            () => MakeLink(new LinkSite(_call, _tag, _host, making, linkUndo)));
        undo.Push("wait for the link", () => _ = makingLink.Wait());
        if (_ipam is { ReleasesThroughLink: true })
            undo.Push("release addresses", allocation!.Release);
        if (_ipam is { MayComeFirst: false })
            _ = makingLink.Join();
        CniResult? addresses = Allocate(allocation, making) ?? _step.Pod.Given;
        IPodLink link = makingLink.Join();
        return (link, addresses is null ? new CniResult { Dns = _step.Pod.Dns } : Complete(addresses, link.HostInterfaces.Count));
    }

    private static CniResult? Allocate(IpamAllocation? allocation, PendingVeth making)
    {
        bool hasAddresses = false;
        try
        {
            CniResult? addresses = allocation?.Allocate();
            hasAddresses = addresses is not null;
            return addresses;
        }
        finally
        {
            making.Decide(hasAddresses);
        }
    }

    /// <summary>Ends inside the pod's namespace, where settings under /proc/sys have to be made.</summary>
    private IPodLink MakeLink(LinkSite site)
    {
        IPodLink link = _step.Create(site);
        if (!_step.Pod.HasInterface)
            return link;
        site.Pod.EnterForGood();
        if (_step.Pod.HasAddresses)
            new PodInterface(_call.IfName, link.Index).Prepare(_step.Pod.DuplicateAddressDetection);
        _pod = RouteClient.Open();
        return link;
    }

    private void Configure(IPodLink link, CniResult result)
    {
        PodInterface pod = new(_call.IfName, link.Index);
        RequestedMtu.RequireFor(link.Mtu, _call.IfName, result.Ips);
        CniIp? ipv6 = result.Ips.Find(static ip => ip.Address.IsIPv6);
        if (ipv6 is not null)
            _call.Namespace!.Run(() => pod.PrepareIPv6(ipv6.Address));
        link.Mark(result.Addresses);
        SwitchOn(link, () => pod.Configure(_pod!, result, _step.Pod.DuplicateAddressDetection, link.SubnetRoutes(result)));
        if (_step.Pod.DuplicateAddressDetection && ipv6 is not null)
            _call.Namespace!.Run(pod.WaitForDad);
    }

    private static void SwitchOn(IPodLink link, Action action)
    {
        try
        {
            action();
        }
        catch (NetlinkException e) when (link.Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>IPAM's result with the interface's index, the configuration's DNS and what the plugin adds.</summary>
    private CniResult Complete(CniResult fromIpam, int index)
    {
        CniResult result = new() { Dns = _step.Pod.Dns ?? fromIpam.Dns };
        foreach (CniIp ip in fromIpam.Ips)
        {
            if (ip.Gateway is { } gateway && gateway.IsIPv6 != ip.Address.IsIPv6)
                throw OfOtherFamily(gateway, ip.Address);
            result.Ips.Add(ip with { Interface = index });
        }
        if (fromIpam.Routes.Find(static route => !route.IsOfOneFamily) is { } mixed)
            throw OfOtherFamily(mixed.Gateway!, mixed.Destination);
        result.Routes.AddRange(fromIpam.Routes);
        _step.Complete(result);
        foreach (CniRoute route in result.Routes)
            route.Priority ??= _step.Pod.RouteMetric;
        return result;
    }

    private static CniException OfOtherFamily(System.Net.IPAddress gateway, IpPrefix of) => CniException.InvalidConfig(
        $"IPAM's result has the gateway {IpText.Format(gateway)} for {of}, which is of the other address family");
}
