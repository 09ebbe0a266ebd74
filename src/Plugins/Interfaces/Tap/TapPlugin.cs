using Cni;
using Linux;
using Linux.Kernel;
using Netlink.Route;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.Tap;

/// <summary>
/// <c>tap</c>: gives a pod an interface whose frames a process in the pod reads and writes, a virtual machine above all. Keys and their
/// meaning: docs/tap.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class TapPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "tap";

    /// <inheritdoc/>
    internal override string? LinkKind => TunLink.Kind;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call) => new Step(TapSettings.Read(call));

    private sealed class Step(TapSettings settings) : IInterfaceDriver
    {
        public InterfaceSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site)
        {
            site.Pod.EnterForGood();
            using RouteClient inside = RouteClient.Open();
            int? bridge = settings.Bridge.Length > 0 ? FindBridge(inside).Index : null;
            // An open of a tap that exists would join it instead of failing.
            PodLinkCreation.ClearName(site, inside);
            site.Undo.Push($"delete {site.Call.IfName}", () => PodLinkCreation.Delete(site, site.Call.IfName));
            MakeTap(site);
            return PodLinkCreation.Finish(
                site, inside, site.Call.IfName, new LinkChange { Mac = settings.Mac, Mtu = settings.Mtu, Master = bridge });
        }

        public void Check(LinkCheck check)
        {
            Link link = check.PodEnd;
            if (link.Tun is not { IsTap: true } tap)
                throw CniException.CheckFailed($"interface {link.Name} is a tun, no tap");
            if (settings.Owner is { } owner && tap.Owner != owner)
                throw CniException.CheckFailed($"interface {link.Name} belongs to user {tap.Owner}, configured is {owner}");
            if (settings.Group is { } group && tap.Group != group)
                throw CniException.CheckFailed($"interface {link.Name} belongs to group {tap.Group}, configured is {group}");
            if (tap.MultiQueue != settings.MultiQueue)
            {
                throw CniException.CheckFailed(
                    $"interface {link.Name} has {(tap.MultiQueue ? "several queues" : "one queue")}, multiQueue is "
                    + $"{(settings.MultiQueue ? "true" : "false")}");
            }
            if (settings.Bridge.Length > 0 && (check.Pod.FindLink(settings.Bridge) is not { } bridge || link.MasterIndex != bridge.Index))
                throw CniException.CheckFailed($"interface {link.Name} is not a port of bridge {settings.Bridge}");
        }

        private Link FindBridge(RouteClient inside) => inside.FindLink(settings.Bridge) is { Kind: "bridge" } bridge
            ? bridge
            : throw CniException.InvalidConfig($"bridge is \"{settings.Bridge}\", and CNI_NETNS has no bridge of that name; make it first");

        private void MakeTap(LinkSite site)
        {
            if (settings.SelinuxContext.Length == 0)
            {
                TapDevice.Create(site.Call.IfName, settings.MultiQueue, settings.Owner, settings.Group);
                return;
            }
            // On a thread of its own, which ends in that context.
            site.Pod.Run(() =>
            {
                EnterSelinuxContext();
                TapDevice.Create(site.Call.IfName, settings.MultiQueue, settings.Owner, settings.Group);
            });
        }

        private void EnterSelinuxContext()
        {
            try
            {
                SelinuxContext.EnterForGood(settings.SelinuxContext);
            }
            catch (LinuxException e)
            {
                throw CniException.InvalidConfig(
                    $"selinuxContext is \"{settings.SelinuxContext}\", which this process cannot take: {e.Message}; the host needs "
                    + "SELinux, and its policy must allow the transition",
                    inner: e);
            }
        }
    }
}
