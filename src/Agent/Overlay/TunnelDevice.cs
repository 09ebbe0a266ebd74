using System.Globalization;
using Linux.Addresses;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Agent.Overlay;

/// <summary>
/// The VXLAN device of one family of the underlay: the kernel's devices speak one family each (vxlan_fdb_parse, drivers/net/vxlan). Both
/// may have the same number and port, since the two families have sockets of their own.
/// </summary>
/// <param name="client">The kernel.</param>
/// <param name="settings">Node and cluster.</param>
/// <param name="family">The family of the underlay.</param>
internal sealed class TunnelDevice(RouteClient client, OverlaySettings settings, IpFamily family)
{
    /// <summary>What the names of all our devices begin with, and nobody else's.</summary>
    public const string NamePrefix = "cni-vx";

    /// <summary>The device that speaks IPv4.</summary>
    public const string Name4 = NamePrefix + "0";

    /// <summary>The device that speaks IPv6.</summary>
    public const string Name6 = NamePrefix + "6";

    private string Name => NameOf(family);

    /// <summary>The device's name.</summary>
    public static string NameOf(IpFamily family) => family.IsIPv6 ? Name6 : Name4;

    /// <summary>Makes the device, or changes what is not right of it; one that is right is left alone.</summary>
    /// <param name="tunnel">What is wanted.</param>
    /// <param name="mtu">Its MTU; null to leave it.</param>
    /// <param name="log">Gets what was done.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="OverlayException">Somebody else has the name.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public int Ensure(PlannedTunnel tunnel, int? mtu, Action<string> log)
    {
        MacAddress mac = VtepAddresses.MacOf(settings.Cluster, settings.Node);
        VxlanState wanted = new() { Id = settings.Vni, Local = tunnel.Local, Port = settings.Port };
        Link? link = client.FindLink(Name);
        if (link is { Kind: not VxlanLink.Kind })
        {
            throw new OverlayException(
                $"interface {Name} is no VXLAN but {(link.Kind is { } kind ? $"a {kind}" : "a device")}, so nothing can be reached by it; "
                + "rename or remove it");
        }
        if (link is not null && (link.Vxlan != wanted || link.Mac != mac))
        {
            log($"{Name} is another tunnel than wanted, and is made anew");
            _ = client.TryDeleteLink(link.Index);
            link = null;
        }
        if (link is null)
        {
            Make(tunnel, mac, mtu);
            link = client.FindLink(Name)!;
            log(string.Create(
                CultureInfo.InvariantCulture,
                $"made {Name}: VNI {settings.Vni}, port {settings.Port}, {IpText.Format(tunnel.Local)}, {mac}, MTU {link.Mtu}"));
        }
        if ((mtu is { } bytes && link.Mtu != bytes) || !link.IsUp)
        {
            Enable();
            client.SetLink(link.Index, new LinkChange { Mtu = mtu, Up = true });
            if (link.IsUp)
                log(string.Create(CultureInfo.InvariantCulture, $"MTU of {Name} is {mtu} now, and was {link.Mtu}"));
        }
        return link.Index;
    }

    /// <summary>Removes the device if it is there.</summary>
    public void Remove(Action<string> log)
    {
        if (client.FindLink(Name) is { Kind: VxlanLink.Kind } link && client.TryDeleteLink(link.Index))
            log($"removed {Name}, which no node is behind");
    }

    private void Make(PlannedTunnel tunnel, MacAddress mac, int? mtu)
    {
        VxlanSpec spec = new()
        {
            Name = Name,
            Mac = mac,
            Mtu = mtu,
            Id = settings.Vni,
            Local = tunnel.Local,
            Port = settings.Port,
            Learning = false,
        };
        try
        {
            client.CreateLink(spec);
        }
        catch (NetlinkException e) when (e.Errno is Linux.Errno.EEXIST or Linux.Errno.EADDRINUSE)
        {
            throw new OverlayException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name} cannot be made ({e.Message}): something else on this host has VNI {settings.Vni} at UDP port {settings.Port}; "
                    + $"choose another vni or port for the cluster"));
        }
        // Down until now, since the address is made when it is switched on.
        client.SetLink(client.FindLink(Name)!.Index, new LinkChange { AddressGenerationMode = AddressGenerationMode.Eui64 });
    }

    /// <summary>Neighbours are of IPv6, also where the pods have none.</summary>
    private void Enable()
    {
        string key = $"net/ipv6/conf/{Name}/disable_ipv6";
        if (Sysctl.TryRead(key) == "1")
            _ = Sysctl.TryWrite(key, "0");
    }
}
