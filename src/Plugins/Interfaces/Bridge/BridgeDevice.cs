using Cni;
using Datapath.Attachments;
using Linux;
using Linux.Addresses;
using Linux.Kernel;
using Netlink;
using Netlink.Route;
using Netlink.Route.Links;

namespace Plugins.Interfaces.Bridge;

/// <summary>The bridge of a network: found or made, VLAN-aware if asked for, with the gateway's addresses.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its ifindex.</param>
/// <param name="Mac">
/// Its MAC address, which stays: a bridge that was given none takes its lowest port's, and another one when that goes.
/// </param>
/// <param name="Mtu">Bytes.</param>
/// <param name="WasCreated">Whether this call made it.</param>
internal sealed record BridgeDevice(string Name, int Index, MacAddress Mac, int Mtu, bool WasCreated)
{
    private const int CreationAttempts = 3;

    /// <summary>Finds the bridge, or makes it, and brings it up. Its MAC address is settled before a port of ours is on it.</summary>
    /// <param name="host">The host's links.</param>
    /// <param name="settings">The configuration, checked.</param>
    /// <param name="inUse">The bridge's lock.</param>
    /// <param name="mac">
    /// Of a bridge that is made; random, so that it tells such a bridge from all others (<see cref="DeleteMade"/>).
    /// </param>
    /// <exception cref="CniException">The name belongs to something else, or to a bridge that cannot be used as asked.</exception>
    public static BridgeDevice Ensure(RouteClient host, BridgeSettings settings, BridgeLock inUse, MacAddress mac)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool created = false;
            Link? link = host.FindLink(settings.Bridge);
            if (link is null)
            {
                created = TryCreate(host, settings, mac);
                link = host.FindLink(settings.Bridge);
            }
            // Somebody deleted it at once; who does so forever shall see an error.
            if (link is null && attempt < CreationAttempts)
                continue;
            if (link is null)
                throw new CniException(CniErrorCode.TryAgainLater, $"bridge {settings.Bridge} is deleted as often as it is made");
            // One whose last port has gone may have no address at all.
            MacAddress own = link.Mac is { IsUnicast: true } known ? known : MacAddress.Random();
            BridgeDevice bridge = new(link.Name, link.Index, own, link.Mtu, created);
            bridge.Adopt(host, link, settings, inUse);
            return bridge;
        }
    }

    /// <summary>
    /// Takes back a bridge that a call has made, or may have made when the kernel's answer was lost, unless a port is on it by now.
    /// </summary>
    /// <param name="host">The host's links.</param>
    /// <param name="name">The bridge's name.</param>
    /// <param name="mac">What <see cref="Ensure"/> was given.</param>
    public static void DeleteMade(RouteClient host, string name, MacAddress mac)
    {
        if (host.FindLink(name) is not { Kind: "bridge" } made || made.Mac != mac)
            return;
        using BridgeLock alone = BridgeLock.Own(name);
        if (host.ListLinks(master: made.Index).Count == 0)
            _ = host.TryDeleteLink(made.Index);
    }

    private static bool TryCreate(RouteClient host, BridgeSettings settings, MacAddress mac)
    {
        RouteBatch batch = new();
        batch.CreateLink(new BridgeSpec
        {
            Name = settings.Bridge,
            Mac = mac,
            Mtu = settings.Mtu,
            VlanFiltering = settings.NeedsVlanFiltering ? true : null,
        });
        NetlinkException? refusal = host.TryExecute(batch).FirstOrDefault();
        if (refusal is null)
            return true;
        if (refusal.Errno == Errno.EEXIST)
            return false;
        throw settings.NeedsVlanFiltering && refusal.Errno == Errno.EOPNOTSUPP
            ? NoVlanFiltering(settings)
            : refusal;
    }

    private void Adopt(RouteClient host, Link link, BridgeSettings settings, BridgeLock inUse)
    {
        if (link.Kind != "bridge")
        {
            throw CniException.InvalidConfig(
                $"bridge is \"{Name}\", which is an interface of kind {link.Kind ?? "physical"} on this host; use another name");
        }
        // Not of a bridge by which the node itself is on its network: it would lose its routes.
        if (WasCreated || settings.IsGateway)
            _ = Sysctl.TryWrite($"net/ipv6/conf/{Name}/accept_ra", "0");
        // While a new bridge's link-local address is tentative the kernel asks for no neighbour behind it: for a second, published ports
        // would not answer over IPv6 (seen). Its MAC address is random, so nobody else has that address.
        if (WasCreated)
            _ = Sysctl.TryWrite($"net/ipv6/conf/{Name}/accept_dad", "0");
        bool hasFixedMac = WasCreated || inUse.IsFixed(Index, Mac);
        LinkChange change = new()
        {
            // The very same, and only once: the kernel forgets the bridge's neighbours with it (NETDEV_CHANGEADDR, net/ipv4/arp.c).
            Mac = hasFixedMac ? null : Mac,
            Up = link.IsUp ? null : true,
            Promiscuous = settings.Promiscuous && !link.Flags.HasFlag(LinkFlags.Promiscuous) ? true : null,
            VlanFiltering = settings.NeedsVlanFiltering && link.Bridge?.VlanFiltering != true ? true : null,
        };
        if (change.VlanFiltering == true)
            RequireOwnPorts(host, settings);
        try
        {
            if (change != new LinkChange())
                host.SetLink(Index, change);
        }
        catch (NetlinkException e) when (change.VlanFiltering == true && e.Errno == Errno.EOPNOTSUPP)
        {
            throw NoVlanFiltering(settings);
        }
        if (WasCreated || !hasFixedMac)
            inUse.SetFixed(Index, Mac);
    }

    /// <summary>Making a bridge VLAN-aware changes what its ports let through, so all of them must be ours to change.</summary>
    private void RequireOwnPorts(RouteClient host, BridgeSettings settings)
    {
        string[] foreign = [.. host.ListLinks(master: Index)
            .Where(static port => AttachmentTag.Find(port.Alias ?? "") is null)
            .Select(static port => port.Name)];
        if (foreign.Length > 0)
        {
            throw CniException.InvalidConfig(
                $"{(settings.Vlan != 0 ? $"vlan is {settings.Vlan}" : "vlanTrunk is given")}, but bridge {Name} is not VLAN-aware and has "
                + "ports of others: "
                + $"{string.Join(", ", foreign)}; if they can live with it, run: ip link set {Name} type bridge vlan_filtering 1");
        }
    }

    private static CniException NoVlanFiltering(BridgeSettings settings) => new(
        CniErrorCode.UnsupportedField,
        $"{(settings.Vlan != 0 ? $"vlan is {settings.Vlan}" : "vlanTrunk is given")}, but this kernel has no bridge VLAN filtering "
        + "(CONFIG_BRIDGE_VLAN_FILTERING)");
}
