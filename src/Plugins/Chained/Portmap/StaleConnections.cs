using System.Net;
using Cni;
using Linux;
using Linux.Addresses;
using Netlink;
using Netlink.Conntrack;
using Netlink.Route;
using Netlink.Route.Routes;
using Plugins.Configuration;

namespace Plugins.Chained.Portmap;

/// <summary>
/// UDP connections that conntrack goes on sending to where they began, for as long as the client goes on sending: past a port that was
/// published since, or to a pod that is gone (kubernetes/kubernetes issue 95258 is what that looks like).
/// </summary>
internal static class StaleConnections
{
    /// <summary>Deletes those that do not lead to where ports now lead. Failing to is a warning: they end by themselves.</summary>
    /// <param name="call">The ADD.</param>
    /// <param name="host">The host's routes.</param>
    /// <param name="ports">What has just been published.</param>
    public static void ForgetOthers(CniInvocation call, RouteClient host, IEnumerable<PublishedPort> ports)
    {
        Dictionary<IPAddress, bool> local = [];
        // Connections of the same port to other hosts are none of ours.
        bool IsLocal(IPAddress address) =>
            local.TryGetValue(address, out bool known) ? known : local[address] = host.FindRoute(address) is { Type: RouteType.Local };
        Forget(call, ports, (entry, port) => !LeadsTo(entry, port) && IsLocal(entry.Original.Destination));
    }

    /// <summary>Deletes those that lead to where ports led. Failing to is a warning: they end by themselves.</summary>
    /// <param name="call">The DEL or GC.</param>
    /// <param name="ports">What was published.</param>
    public static void ForgetOwn(CniInvocation call, IEnumerable<PublishedPort> ports) => Forget(call, ports, LeadsTo);

    private static void Forget(CniInvocation call, IEnumerable<PublishedPort> ports, Func<ConntrackEntry, PublishedPort, bool> isStale)
    {
        PublishedPort[] udp = [.. ports.Where(static port => port.Protocol == PortProtocol.Udp)];
        if (udp.Length == 0 || ConntrackListing.Excludes(udp.Select(static port => port.HostPort)))
            return;
        try
        {
            using ConntrackClient conntrack = ConntrackClient.Open();
            foreach (IGrouping<IpFamily, PublishedPort> family in udp.GroupBy(static port => port.Address.Family))
                Forget(conntrack, family.Key, [.. family], isStale);
        }
        catch (Exception e) when (e is NetlinkException or LinuxException)
        {
            call.Warn($"UDP connections to published ports may go astray until they end: {e.Message}");
        }
    }

    private static void Forget(
        ConntrackClient conntrack, IpFamily family, PublishedPort[] ports, Func<ConntrackEntry, PublishedPort, bool> isStale)
    {
        ILookup<ushort, PublishedPort> byPort = ports.ToLookup(static port => port.HostPort);
        // The kernel walks its whole table for every list, so many ports make one list of all UDP.
        ConntrackFilter filter = new(family, (byte)PortProtocol.Udp)
        {
            DestinationPort = byPort.Count == 1 ? ports[0].HostPort : null,
        };
        conntrack.Delete(conntrack.List(filter).FindAll(entry => byPort[entry.Original.DestinationPort].Any(port =>
            (port.HostAddress is null || port.HostAddress.Equals(entry.Original.Destination)) && isStale(entry, port))));
    }

    private static bool LeadsTo(ConntrackEntry entry, PublishedPort port) =>
        entry.Reply.Source.Equals(port.Address) && entry.Reply.SourcePort == port.Port;
}
