using System.Net;
using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Route;

namespace Plugins.Chained.Firewall;

/// <summary>What the firewall is about, as a result tells it.</summary>
/// <param name="Addresses">The pod's addresses, each once.</param>
/// <param name="Bridges">The interfaces of the node behind which the pod's network lies; empty without a policy.</param>
/// <param name="Ports">The pod's ports of a bridge; empty unless pods of one bridge are kept apart.</param>
internal sealed record FirewallSubject(IReadOnlyList<IPAddress> Addresses, IReadOnlyList<string> Bridges, IReadOnlyList<string> Ports)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Addresses.Count + Bridges.Count == 0;

    /// <summary>Reads what an ADD or CHECK is about.</summary>
    /// <exception cref="CniException">The policy asks for something that the result does not have.</exception>
    public static FirewallSubject Of(CniResult result, IngressPolicy policy)
    {
        IReadOnlyList<IPAddress> addresses = AddressesOf(result);
        if (policy == IngressPolicy.Open)
            return new FirewallSubject(addresses, [], []);
        // As in the reference the first interface is the bridge; with ptp it is the pod's own end on the host.
        if (result.Interfaces is not [{ Sandbox: null, Name: { } bridge }, ..])
        {
            throw CniException.InvalidConfig(
                "ingressPolicy needs the name of a bridge, but the first interface of prevResult is none of the host; put firewall behind "
                + "bridge or ptp, or set ingressPolicy to \"open\"");
        }
        if (InterfaceName.Problem(bridge) is { } problem)
            throw CniException.InvalidConfig($"network configuration: prevResult: interfaces[0].name is \"{bridge}\", which {problem}");
        // A gateway in a VLAN of the bridge has an interface of its own, by which the traffic of the pods comes.
        bool IsIn(CniInterface link) =>
            link.Sandbox is null && InterfaceName.IsValid(link.Name) && link.Name.StartsWith($"{bridge}.", StringComparison.Ordinal);
        string[] bridges = [bridge, .. result.Interfaces.Where(IsIn).Select(static link => link.Name)];
        return new FirewallSubject(addresses, bridges, policy == IngressPolicy.Isolated ? FindPorts(result, bridge) : []);
    }

    /// <summary>
    /// Reads what a DEL may be about. It believes nothing but what bears its tag, and its bridges are those that nobody shares: behind ptp
    /// the end on the host.
    /// </summary>
    public static FirewallSubject Told(CniResult? result, AttachmentTag tag)
    {
        if (result is null)
            return new FirewallSubject([], [tag.HostInterfaceName], []);
        string[] links =
        [
            .. result.Interfaces.Where(static link => link.Sandbox is null && InterfaceName.IsValid(link.Name))
                .Select(static link => link.Name),
        ];
        return new FirewallSubject(
            AddressesOf(result),
            [.. links.Take(1).Where(name => name == tag.HostInterfaceName)],
            [.. links.Append(tag.HostInterfaceName).Distinct()]);
    }

    private static IReadOnlyList<IPAddress> AddressesOf(CniResult result) =>
        [.. result.Ips.Select(static ip => ip.Address.Address).Distinct()];

    private static string[] FindPorts(CniResult result, string bridgeName)
    {
        using RouteClient host = RouteClient.Open();
        if (host.FindLink(bridgeName) is not { Kind: "bridge" } bridge)
            return [];
        string[] ports =
        [
            .. result.Interfaces.Where(
                link => link.Sandbox is null && link.Name != bridgeName && host.FindLink(link.Name)?.MasterIndex == bridge.Index)
                .Select(static link => link.Name),
        ];
        return ports.Length > 0
            ? ports
            : throw CniException.InvalidConfig(
                $"ingressPolicy is \"isolated\", but no interface of prevResult is a port of {bridgeName}; it cannot be kept apart from "
                + "others there");
    }
}
