using Cni;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.Macvlan;

/// <summary>
/// <c>macvlan</c>: gives a pod an interface with a MAC address of its own on an interface of the host. Keys and their meaning:
/// docs/macvlan.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class MacvlanPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "macvlan";

    /// <inheritdoc/>
    internal override string? LinkKind => MacvlanLink.Kind;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call) => new Step(MacvlanSettings.Read(call));

    private sealed class Step(MacvlanSettings settings) : IInterfaceDriver
    {
        public InterfaceSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site) =>
            new MasteredLink(PodLinkCreation.CreateOn(site, settings.Master, SpecOn), settings.Master.Name);

        public void Check(LinkCheck check)
        {
            if (check.PodEnd.Macvlan is not { } macvlan)
                throw CniException.CheckFailed($"interface {check.Call.IfName} is no macvlan");
            if (macvlan.Mode != settings.Mode)
            {
                throw CniException.CheckFailed(
                    $"interface {check.Call.IfName} is in mode {MacvlanSettings.WordOf(macvlan.Mode)}, "
                    + $"configured is {MacvlanSettings.WordOf(settings.Mode)}");
            }
            if (settings.BroadcastQueueLength is { } length
                && macvlan.BroadcastQueueLength is not 0 && macvlan.BroadcastQueueLength != length)
            {
                throw CniException.CheckFailed(
                    $"interface {check.Call.IfName} has a broadcast queue of {macvlan.BroadcastQueueLength} frames, bcqueuelen is "
                    + $"{length}");
            }
            settings.Master.Check(check);
        }

        private MacvlanSpec SpecOn(Link master)
        {
            MasterInterface.CheckMtu(master, settings.Mtu);
            return new MacvlanSpec
            {
                Name = "",
                Parent = master.Index,
                Mode = settings.Mode,
                Mtu = settings.Mtu,
                // One that the kernel makes up udev might replace.
                Mac = settings.Mac ?? (settings.Mode == MacvlanMode.PassThrough ? null : MacAddress.Random()),
                BroadcastQueueLength = settings.BroadcastQueueLength,
            };
        }
    }

    /// <summary>A macvlan, whose MAC address is compared with others when it is switched on.</summary>
    private sealed record MasteredLink(PlainPodLink Made, string Master) : IPodLink
    {
        public int Index => Made.Index;

        public MacAddress Mac => Made.Mac;

        public int Mtu => Made.Mtu;

        public CniException? Explain(NetlinkException refusal) => refusal.Errno == Errno.EADDRINUSE
            ? new CniException(
                CniErrorCode.AlreadyExists,
                $"mac is {Mac} (of mac, runtimeConfig.mac or MAC in CNI_ARGS), which master {Master} itself or another macvlan on it has "
                + "already, perhaps in another pod; use another one",
                inner: refusal)
            : null;
    }
}
