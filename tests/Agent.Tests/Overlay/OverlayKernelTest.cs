using Agent.Overlay;
using Linux.Namespaces;
using TestKit;

namespace Agent.Tests.Overlay;

/// <summary>Hosts on a switch, or behind a router, each a new network namespace.</summary>
public abstract class OverlayKernelTest : KernelTest
{
    private readonly List<OverlayHost> _hosts = [];

    protected OverlayKernelTest() => _ = NodeProgram.Run(Namespace, """
        sysctl -qw net.ipv6.conf.default.accept_dad=0
        ip link add br1 type bridge forward_delay 0
        ip link add br2 type bridge forward_delay 0
        ip link set br1 up
        ip link set br2 up
        """);

    /// <summary>The switch of the first link.</summary>
    protected NetworkNamespace Switch => Namespace;

    /// <summary>A host on the first link with both families: 192.0.2.N and fd00:2::N.</summary>
    private protected OverlayHost OnSwitch(int number) => Add(number, "br1", $"192.0.2.{number}/24", $"fd00:2::{number}/64");

    /// <summary>A host on the first link with one family.</summary>
    private protected OverlayHost OnSwitch(int number, bool isIPv6) =>
        Add(number, "br1", isIPv6 ? $"fd00:2::{number}/64" : $"192.0.2.{number}/24");

    /// <summary>A host behind the router, on the second link: 198.51.100.N and fd00:3::N.</summary>
    private protected OverlayHost BehindRouter(int number)
    {
        OverlayHost host = Add(number, "br2", $"198.51.100.{number}/24", $"fd00:3::{number}/64");
        _ = NodeProgram.Run(host.Namespace, """
            ip route add default via 198.51.100.254
            ip -6 route add default via fd00:3::fe
            """);
        return host;
    }

    /// <summary>Makes the switch the router between the two links.</summary>
    private protected void Route(params OverlayHost[] onSwitch)
    {
        _ = NodeProgram.Run(Switch, """
            sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
            ip addr add 192.0.2.254/24 dev br1
            ip addr add 198.51.100.254/24 dev br2
            ip -6 addr add fd00:2::fe/64 dev br1 nodad
            ip -6 addr add fd00:3::fe/64 dev br2 nodad
            """);
        foreach (OverlayHost host in onSwitch)
        {
            _ = NodeProgram.Run(host.Namespace, """
                ip route add default via 192.0.2.254
                ip -6 route add default via fd00:2::fe
                """);
        }
    }

    /// <summary>Starts the datapath of each host with all others as its peers.</summary>
    private protected static void StartAll(OverlayBackend backend, params OverlayHost[] hosts)
    {
        foreach (OverlayHost host in hosts)
            host.Start(backend, [.. hosts.Where(other => other != host)]);
    }

    /// <summary>Asserts that the pods of all hosts reach each other, by both families.</summary>
    private protected static void AssertAllReach(params OverlayHost[] hosts)
    {
        foreach (OverlayHost from in hosts)
        {
            foreach (OverlayHost to in hosts.Where(other => other != from))
            {
                Assert.True(from.Reaches(to), $"{from.Name} to {to.Name}:\n{from.State()}\n{to.State()}");
            }
        }
    }

    public override void Dispose()
    {
        foreach (OverlayHost host in _hosts)
            host.Dispose();
        base.Dispose();
    }

    private OverlayHost Add(int number, string bridge, params string[] addresses)
    {
        OverlayHost host = new(number);
        _hosts.Add(host);
        return host.PlugInto(Switch, bridge, addresses);
    }
}
