using Cni;
using Datapath.Links;
using Linux;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces;

/// <summary>Makes links that live in the pod's namespace alone.</summary>
internal static class PodLinkCreation
{
    /// <summary>Makes a link on a master, in the pod with its MAC address from its first moment on.</summary>
    /// <param name="site">Where. The thread is in the pod's namespace afterwards.</param>
    /// <param name="master">What it stands on.</param>
    /// <param name="specOf">The link on its master; name and namespace are filled in.</param>
    /// <exception cref="CniException">The master cannot serve, or the name is taken.</exception>
    public static PlainPodLink CreateOn(LinkSite site, MasterInterface master, Func<Link, LinkSpec> specOf)
    {
        ClearNameIfLeft(site);
        if (!master.InContainer)
        {
            Link onHost = master.Find(site.Host);
            return Explain(onHost, () => CreateFromHost(site, specOf(onHost)));
        }
        site.Pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        Link inPod = master.Find(inside);
        return Explain(inPod, () => CreateInside(site, inside, specOf(inPod)));
    }

    /// <summary>Makes a link that stands on nothing.</summary>
    /// <inheritdoc cref="CreateOn(LinkSite, MasterInterface, Func{Link, LinkSpec})"/>
    public static PlainPodLink Create(LinkSite site, LinkSpec spec)
    {
        ClearNameIfLeft(site);
        site.Pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        return CreateInside(site, inside, spec);
    }

    /// <summary>Marks the link that has just been made as the attachment's, and changes it besides.</summary>
    /// <param name="site">Where.</param>
    /// <param name="inside">The pod's links.</param>
    /// <param name="name">Its name until now.</param>
    /// <param name="change">What else to change; a new name is the one that is pushed to be undone.</param>
    public static PlainPodLink Finish(LinkSite site, RouteClient inside, string name, LinkChange change)
    {
        Link made = inside.FindLink(name)
            ?? throw new CniException(CniErrorCode.TryAgainLater, $"interface {name} was deleted as soon as it was made");
        // Before it has another name: the kernel's answer may be lost.
        if (change.Name is { } final)
            site.Undo.Push($"delete {final}", () => Delete(site, final, made.Index));
        try
        {
            inside.SetLink(made.Index, change with { Alias = site.Tag.Alias([]) });
        }
        catch (NetlinkException e) when (change.Name is not null && e.Errno == Errno.EEXIST)
        {
            throw NameIsTaken(site.Call.IfName);
        }
        return new PlainPodLink(made.Index, change.Mac ?? made.Mac ?? default, change.Mtu ?? made.Mtu);
    }

    /// <summary>The error for a name that is taken.</summary>
    public static CniException NameIsTaken(string ifName) => new(
        CniErrorCode.AlreadyExists, $"CNI_IFNAME {ifName} exists already in CNI_NETNS; run DEL first or use another name");

    /// <summary>Makes sure that the attachment's name is free: an interface that an ADD has left which was killed is deleted.</summary>
    /// <param name="site">Where.</param>
    /// <param name="inside">The pod's links.</param>
    /// <exception cref="CniException">The name is taken.</exception>
    public static void ClearName(LinkSite site, RouteClient inside)
    {
        if (inside.FindLink(site.Call.IfName) is not { } present)
            return;
        if (!site.Tag.IsIn(present.Alias) || !site.Making.IsLeft(isUnfinished: !present.IsUp))
            throw NameIsTaken(site.Call.IfName);
        _ = inside.TryDeleteLink(present.Index);
    }

    /// <summary>Deletes the link that this ADD has made, if it is there.</summary>
    /// <param name="site">Where.</param>
    /// <param name="name">Its name.</param>
    public static void Delete(LinkSite site, string name)
    {
        using RouteClient inside = RouteClient.Open(site.Pod);
        _ = inside.TryDeleteLink(name);
    }

    private static void Delete(LinkSite site, string name, int index)
    {
        using RouteClient inside = RouteClient.Open(site.Pod);
        if (inside.FindLink(name)?.Index == index)
            _ = inside.TryDeleteLink(index);
    }

    /// <summary>
    /// As a rule the kernel's refusal of a name tells early enough; but what is left may also keep its master from carrying another.
    /// </summary>
    private static void ClearNameIfLeft(LinkSite site)
    {
        if (!site.Making.WasLeft)
            return;
        using RouteClient inside = RouteClient.Open(site.Pod);
        ClearName(site, inside);
    }

    /// <summary>
    /// The link has the name of the attachment until it is in the pod: kernels before 6.14 look a new link's name up where the request
    /// comes from, too (rtnl_newlink, net/core/rtnetlink.c), and the host has an eth0 of its own.
    /// </summary>
    private static PlainPodLink CreateFromHost(LinkSite site, LinkSpec spec)
    {
        string temporary = site.Tag.HostInterfaceName;
        LinkSpec made = spec with { Name = temporary, TargetNamespace = site.Pod };
        site.Undo.Push($"delete {temporary}", () => Delete(site, temporary));
        if (!TryCreate(site.Host, made))
        {
            // What an ADD left that was killed.
            Delete(site, temporary);
            site.Host.CreateLink(made);
        }
        site.Pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        return Finish(site, inside, temporary, ChangeBehind(spec) with { Name = site.Call.IfName });
    }

    private static PlainPodLink CreateInside(LinkSite site, RouteClient inside, LinkSpec spec)
    {
        int index = ChosenIndex.Next();
        // Before it is made: the kernel's answer may be lost.
        site.Undo.Push($"delete {site.Call.IfName}", () => Delete(site, site.Call.IfName, index));
        if (!TryCreate(inside, spec with { Name = site.Call.IfName, Index = index }))
            throw NameIsTaken(site.Call.IfName);
        return Finish(site, inside, site.Call.IfName, ChangeBehind(spec));
    }

    /// <summary>A parent that is passed through lends its MAC address, whatever was asked for at creation.</summary>
    private static LinkChange ChangeBehind(LinkSpec spec) =>
        new() { Mac = spec is MacvlanSpec { Mode: MacvlanMode.PassThrough } ? spec.Mac : null };

    private static bool TryCreate(RouteClient from, LinkSpec spec)
    {
        try
        {
            from.CreateLink(spec);
            return true;
        }
        catch (NetlinkException e) when (e.Errno == Errno.EEXIST)
        {
            return false;
        }
    }

    private static PlainPodLink Explain(Link master, Func<PlainPodLink> create)
    {
        try
        {
            return create();
        }
        catch (NetlinkException e) when (e.Errno is Errno.EBUSY or Errno.EINVAL)
        {
            // The kernel's two ways to say that an interface does not carry such a link (macvlan_common_newlink, ipvlan_link_new).
            throw CniException.InvalidConfig(
                $"{e.Message}; its master {master.Name} must be no port of a bridge or bond, must not carry both macvlans and ipvlans, nor "
                + "another link beside a macvlan in mode passthru",
                inner: e);
        }
    }
}
