using Cni;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.Ipvlan;

/// <summary>
/// <c>ipvlan</c>: gives a pod an interface that shares the MAC address of an interface of the host. Keys and their meaning:
/// docs/ipvlan.md.
/// </summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class IpvlanPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "ipvlan";

    /// <inheritdoc/>
    internal override string? LinkKind => IpvlanLink.Kind;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call) => new Step(IpvlanSettings.Read(call));

    private sealed class Step(IpvlanSettings settings) : IInterfaceDriver
    {
        public InterfaceSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site) => PodLinkCreation.CreateOn(site, settings.Master, SpecOn);

        public void Check(LinkCheck check)
        {
            if (check.PodEnd.Ipvlan is not { Mode: var mode })
                throw CniException.CheckFailed($"interface {check.Call.IfName} is no ipvlan");
            if (mode != settings.Mode)
            {
                throw CniException.CheckFailed(
                    $"interface {check.Call.IfName} is in mode {IpvlanSettings.WordOf(mode)}, "
                    + $"configured is {IpvlanSettings.WordOf(settings.Mode)}");
            }
            settings.Master.Check(check);
        }

        private IpvlanSpec SpecOn(Link master)
        {
            MasterInterface.CheckMtu(master, settings.Mtu);
            return new IpvlanSpec { Name = "", Parent = master.Index, Mode = settings.Mode, Mtu = settings.Mtu };
        }
    }
}
