using Cni;
using Linux;
using Netlink;
using Netlink.Route;

namespace Plugins;

/// <summary>Makes links that live in the pod's namespace alone.</summary>
internal static class LinkInPod
{
    /// <summary>Makes a link on a master, in the pod under its final name and MAC address from its first moment on.</summary>
    /// <param name="site">Where. The thread is in the pod's namespace afterwards.</param>
    /// <param name="master">What it stands on.</param>
    /// <param name="specOf">The link on its master; name and namespace are filled in.</param>
    /// <exception cref="CniException">The master cannot serve, or the name is taken.</exception>
    public static PodLink CreateOn(LinkSite site, MasterInterface master, Func<Link, LinkSpec> specOf)
    {
        if (!master.InContainer)
            return CreateOn(site, master.Find(site.Host), lower => specOf(lower) with { TargetNamespace = site.Pod }, site.Host);
        site.Pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        return CreateOn(site, master.Find(inside), specOf, inside);
    }

    /// <summary>Makes a link that stands on nothing.</summary>
    /// <inheritdoc cref="CreateOn(LinkSite, MasterInterface, Func{Link, LinkSpec})"/>
    public static PodLink Create(LinkSite site, LinkSpec spec) =>
        Create(site, spec with { Name = site.Call.IfName, TargetNamespace = site.Pod }, site.Host);

    /// <summary>Marks the link CNI_IFNAME that has just been made as the attachment's, and changes it besides.</summary>
    /// <param name="site">Where.</param>
    /// <param name="inside">The pod's links.</param>
    /// <param name="change">What else to change.</param>
    public static PodLink Finish(LinkSite site, RouteClient inside, LinkChange change)
    {
        Link made = inside.FindLink(site.Call.IfName)
            ?? throw new CniException(CniErrorCode.TryAgainLater, $"interface {site.Call.IfName} was deleted as soon as it was made");
        inside.SetLink(made.Index, change with { Alias = site.Tag.Alias([]) });
        return new PodLink(made.Index, change.Mac ?? made.Mac ?? default, change.Mtu ?? made.Mtu);
    }

    /// <summary>The error for a name that is taken.</summary>
    public static CniException NameIsTaken(string ifName) => new(
        CniErrorCode.AlreadyExists, $"CNI_IFNAME {ifName} exists already in CNI_NETNS; run DEL first or use another name");

    /// <summary>Deletes the link that this ADD has made, if it is there.</summary>
    public static void Delete(LinkSite site)
    {
        using RouteClient inside = RouteClient.Open(site.Pod);
        _ = inside.TryDeleteLink(site.Call.IfName);
    }

    private static PodLink CreateOn(LinkSite site, Link master, Func<Link, LinkSpec> specOf, RouteClient from)
    {
        try
        {
            return Create(site, specOf(master) with { Name = site.Call.IfName }, from);
        }
        catch (NetlinkException e) when (e.Errno is Errno.EBUSY or Errno.EINVAL)
        {
            // The kernel's two ways to say that an interface does not carry such a link (macvlan_common_newlink, ipvlan_link_new).
            throw new CniException(
                CniErrorCode.InvalidNetworkConfig,
                $"{e.Message}; its master {master.Name} must be no port of a bridge or bond, must not carry both macvlans and ipvlans, nor another link beside a macvlan in mode passthru",
                inner: e);
        }
    }

    private static PodLink Create(LinkSite site, LinkSpec spec, RouteClient from)
    {
        try
        {
            from.CreateLink(spec);
        }
        catch (NetlinkException e) when (e.Errno == Errno.EEXIST)
        {
            using RouteClient pod = RouteClient.Open(site.Pod);
            if (pod.FindLink(site.Call.IfName) is not null)
                throw NameIsTaken(site.Call.IfName);
            throw;
        }
        site.Undo.Push($"delete {site.Call.IfName}", () => Delete(site));
        site.Pod.EnterForGood();
        using RouteClient inside = RouteClient.Open();
        // A parent that is passed through lends its MAC address, whatever was asked for at creation.
        bool lends = spec is MacvlanSpec { Mode: MacvlanMode.PassThrough };
        return Finish(site, inside, new LinkChange { Mac = lends ? spec.Mac : null });
    }
}
