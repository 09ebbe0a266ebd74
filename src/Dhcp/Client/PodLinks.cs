using Cni;
using Dhcp.Messages;
using Linux;
using Linux.Addresses;
using Linux.Namespaces;
using Linux.Sockets;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Routes;

namespace Dhcp.Client;

/// <summary>The interfaces of pods in the kernel. A namespace is open only while something is done in it.</summary>
/// <param name="loop">Calls when packets arrive.</param>
/// <param name="hostPrefix">Where the host's file system begins for this process; empty for its own.</param>
internal sealed class PodLinks(EventLoop loop, string hostPrefix) : ILinks
{
    /// <inheritdoc/>
    public bool Exists(LeaseRequest request, MacAddress expected)
    {
        try
        {
            return In(request, expected, static (_, _) => true);
        }
        catch (LinkGoneException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ILink4 Open4(LeaseRequest request, MacAddress? expected, Action<DhcpMessage, MacAddress> received) =>
        In(request, expected, (client, link) =>
        {
            BringUp(client, link);
            return new PacketLink(loop, PacketSocket.Open(link.Index, PacketLink.ClientPort), link.Mac!.Value, received);
        });

    /// <inheritdoc/>
    public ILink6 Open6(LeaseRequest request, MacAddress? expected, Action<Dhcp6Message> received) =>
        In(request, expected, (client, link) =>
        {
            BringUp(client, link);
            return new DatagramLink(loop, LinkUdpSocket.Open(link.Index, DatagramLink.ClientPort), link.Mac!.Value, received);
        });

    /// <inheritdoc/>
    public void Replace(LeaseRequest request, MacAddress expected, Addressing old, Addressing replacement) =>
        _ = In(request, expected, (client, link) =>
        {
            // An interface without it serves a virtual machine, whose own client configures it.
            if (!client.ListAddresses(link.Index).Exists(address => address.Address == old.Address))
                return false;
            RouteBatch batch = new();
            foreach (CniRoute route in old.Routes.Except(replacement.Routes))
                batch.DeleteRoute(RouteOf(route, link.Index, old.Address), tolerate: Errno.ESRCH);
            if (old.Address != replacement.Address)
            {
                // First the old one: of two in one subnet the later would go with the earlier (promote_secondaries is off in a new
                // namespace).
                batch.DeleteAddress(link.Index, old.Address, tolerate: Errno.EADDRNOTAVAIL);
                batch.AddAddress(
                    link.Index,
                    new AddressSpec
                    {
                        Address = replacement.Address,
                        Broadcast = BroadcastOf(replacement.Address),
                        NoDad = replacement.Address.IsIPv6,
                    },
                    tolerate: Errno.EEXIST);
            }
            // Those that stay, too: the kernel has dropped them with the last address.
            foreach (CniRoute route in replacement.Routes)
                batch.ReplaceRoute(RouteOf(route, link.Index, replacement.Address));
            client.Execute(batch);
            return true;
        });

    /// <inheritdoc/>
    public void Withdraw(LeaseRequest request, MacAddress expected, IpPrefix address) => _ = In(request, expected, (client, link) =>
    {
        client.DeleteAddress(link.Index, address, tolerate: Errno.EADDRNOTAVAIL);
        return true;
    });

    /// <inheritdoc/>
    public void TakeDown(LeaseRequest request, MacAddress expected) => _ = In(request, expected, static (client, link) =>
    {
        client.SetLink(link.Index, new LinkChange { Up = false });
        return true;
    });

    /// <summary>Runs something inside the pod's namespace, where sockets that are opened stay.</summary>
    private T In<T>(LeaseRequest request, MacAddress? expected, Func<RouteClient, Link, T> function)
    {
        string path = hostPrefix + request.NetNS;
        using NetworkNamespace networkNamespace = NetworkNamespace.TryOpen(path)
            ?? throw new LinkGoneException($"the network namespace {path} is gone");
        return networkNamespace.Run(() =>
        {
            using RouteClient client = RouteClient.Open();
            Link? link = client.FindLink(request.IfName);
            if (link?.Mac is not { } mac)
                throw new LinkGoneException($"the interface {request.IfName} is gone from {path}");
            // A path like /proc/4711/ns/net may lead to another pod by now.
            return expected is null || mac == expected
                ? function(client, link)
                : throw new LinkGoneException(
                    $"the interface {request.IfName} in {path} has the MAC address {mac}, and the lease is of {expected}");
        });
    }

    private static void BringUp(RouteClient client, Link link)
    {
        if (!link.IsUp)
            client.SetLink(link.Index, new LinkChange { Up = true });
    }

    private static RouteSpec RouteOf(CniRoute route, int index, IpPrefix address) => new()
    {
        Destination = route.Destination,
        Gateway = route.Gateway,
        OutputIndex = index,
        OnLink = route.Gateway is { } gateway && !address.Contains(gateway),
        Scope = (RouteScope?)route.Scope,
        Priority = (uint?)route.Priority,
    };

    /// <summary>IPv4 networks with room for one have a broadcast address; the kernel sets none by itself.</summary>
    private static System.Net.IPAddress? BroadcastOf(IpPrefix address) =>
        !address.IsIPv6 && address.Length <= 30 ? address.Broadcast : null;
}
