using Cni;
using Linux;
using Netlink;
using Netlink.Route.Links;
using Plugins.Ipam;

namespace Plugins.Interfaces.Vlan;

/// <summary><c>vlan</c>: gives a pod the frames of one VLAN of an interface of the host. Keys and their meaning: docs/vlan.md.</summary>
/// <param name="ipam">Finds who gives the addresses.</param>
internal sealed class VlanPlugin(IpamPlugins ipam) : InterfacePlugin(ipam)
{
    /// <inheritdoc/>
    public override string Type => "vlan";

    /// <inheritdoc/>
    internal override string? LinkKind => VlanLink.Kind;

    /// <inheritdoc/>
    internal override IInterfaceDriver Read(CniInvocation call) => new Step(VlanSettings.Read(call));

    private sealed class Step(VlanSettings settings) : IInterfaceDriver
    {
        public InterfaceSettings Pod => settings.Pod;

        public IPodLink Create(LinkSite site)
        {
            try
            {
                return PodLinkCreation.CreateOn(site, settings.Master, SpecOn);
            }
            catch (NetlinkException e) when (e.Errno == Errno.EEXIST)
            {
                throw new CniException(
                    CniErrorCode.AlreadyExists,
                    $"vlanId is {settings.Id}, and master {settings.Master.Name} has an interface for that VLAN already, perhaps in "
                    + "another pod: an interface carries a VLAN once",
                    inner: e);
            }
        }

        public void Check(LinkCheck check)
        {
            Link link = check.PodEnd;
            if (link.VlanId != settings.Id)
                throw CniException.CheckFailed($"interface {link.Name} has the VLAN {link.VlanId}, configured is {settings.Id}");
            if (settings.Mtu is { } mtu && link.Mtu != mtu)
                throw CniException.CheckFailed($"interface {link.Name} has an MTU of {link.Mtu}, configured is {mtu}");
            settings.Master.Check(check);
        }

        private VlanSpec SpecOn(Link master)
        {
            MasterInterface.CheckMtu(master, settings.Mtu);
            // The kernel refuses to switch a VLAN of it on (vlan_dev_open, net/8021q/vlan_dev.c), and says no more than ENETDOWN.
            if (!master.IsUp)
            {
                throw CniException.InvalidConfig(
                    $"master is \"{master.Name}\", which is down; bring it up: ip link set {master.Name} up");
            }
            return new VlanSpec { Name = "", Parent = master.Index, Id = settings.Id, Mtu = settings.Mtu };
        }
    }
}
