using System.Net;
using System.Net.Sockets;
using Netlink.Conntrack;
using Netlink.Nftables;
using Netlink.Route;
using Netlink.Tests.Nftables;

namespace Netlink.Tests.Conntrack;

/// <summary>On the host's kernel. Tables are of ip and ip6, since that of user-mode-linux has no inet tables.</summary>
public class ConntrackKernelTests : KernelTest
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    private readonly ConntrackClient _conntrack;

    public ConntrackKernelTests()
    {
        Client.SetLink(IndexOf("lo"), new LinkChange { Up = true });
        // What uses ct makes the kernel track; port 5355 lives in a zone of its own, port 5353 is led to port 53.
        foreach (string family in (string[])["ip", "ip6"])
        {
            NftProgram.Load(Namespace, $$"""
                table {{family}} t {
                    chain track {
                        type filter hook output priority 0
                        ct state new accept
                    }
                    chain zone_out {
                        type filter hook output priority -300
                        udp dport 5355 ct zone set 7
                    }
                    chain zone_in {
                        type filter hook prerouting priority -300
                        udp dport 5355 ct zone set 7
                    }
                    chain translate {
                        type nat hook output priority -100
                        udp dport 5353 redirect to :53
                    }
                }
                """);
        }
        _conntrack = ConntrackClient.Open(Namespace);
    }

    public override void Dispose()
    {
        _conntrack.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends a datagram, so that a connection is tracked.</summary>
    private void SendTo(string address, int port, int from) => Namespace.Run(() =>
    {
        IPAddress ip = IPAddress.Parse(address);
        using Socket socket = new(ip.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(ip, from));
        _ = socket.SendTo([1], new IPEndPoint(ip, port));
    });

    private List<ConntrackEntry> List(bool ipv6 = false, byte protocol = Udp, ushort? port = null) =>
        _conntrack.List(new ConntrackFilter(ipv6, protocol) { DestinationPort = port });

    private ushort[] Sources(bool ipv6 = false) => [.. List(ipv6).Select(static entry => entry.Original.SourcePort).Order()];

    [Fact]
    public void Filter_lets_through_family_protocol_and_port()
    {
        SendTo("127.0.0.1", 5354, from: 40001);
        SendTo("127.0.0.1", 5356, from: 40002);
        SendTo("::1", 5354, from: 40003);
        Assert.Equal([40001, 40002], Sources());
        Assert.Equal([40003], Sources(ipv6: true));
        Assert.Equal(40002, Assert.Single(List(port: 5356)).Original.SourcePort);
        Assert.Empty(List(port: 5357));
        Assert.Empty(List(protocol: Tcp));
    }

    [Fact]
    public void Entry_tells_both_directions_status_and_zone()
    {
        SendTo("127.0.0.1", 5353, from: 40001);
        SendTo("127.0.0.1", 5355, from: 40002);
        IPAddress localhost = IPAddress.Loopback;
        ConntrackEntry translated = Assert.Single(List(port: 5353));
        Assert.Equal(new ConntrackTuple(localhost, localhost, Udp, 40001, 5353), translated.Original);
        Assert.Equal(new ConntrackTuple(localhost, localhost, Udp, 53, 40001), translated.Reply);
        Assert.True(translated.Status.HasFlag(CtStatus.DestinationNat));
        ConntrackEntry zoned = Assert.Single(List(port: 5355));
        Assert.Equal((ushort)7, zoned.Zone);
        Assert.False(zoned.Status.HasFlag(CtStatus.DestinationNat));
    }

    [Theory]
    [InlineData("127.0.0.1", 5353)]
    [InlineData("127.0.0.1", 5354)]
    [InlineData("127.0.0.1", 5355)]
    [InlineData("::1", 5353)]
    [InlineData("::1", 5355)]
    public void Deleted_is_what_was_listed_and_nothing_else(string address, int port)
    {
        bool ipv6 = address.Contains(':', StringComparison.Ordinal);
        SendTo(address, port, from: 40001);
        SendTo(address, 5358, from: 40002);
        SendTo(ipv6 ? "127.0.0.1" : "::1", port, from: 40003);
        _conntrack.Delete(List(ipv6, port: (ushort)port));
        Assert.Equal([40002], Sources(ipv6));
        Assert.Equal([40003], Sources(!ipv6));
    }

    [Fact]
    public void Later_connection_with_the_same_addresses_and_ports_stays()
    {
        SendTo("127.0.0.1", 5354, from: 40001);
        List<ConntrackEntry> first = List();
        _conntrack.Delete(first);
        _conntrack.Delete(first);
        SendTo("127.0.0.1", 5354, from: 40001);
        ConntrackEntry second = Assert.Single(List());
        // The kernel makes the ID from the entry's place in memory as well, which may be the same.
        if (second.Id != first[0].Id)
        {
            _conntrack.Delete(first);
            Assert.Equal([second], List());
        }
    }

    [Fact]
    public void Hundreds_are_deleted_at_once()
    {
        for (int port = 40001; port <= 40300; port++)
            SendTo("127.0.0.1", 5354, port);
        SendTo("127.0.0.1", 5356, from: 40001);
        Assert.Equal(301, List().Count);
        _conntrack.Delete(List(port: 5354));
        Assert.Equal([40001], Sources());
    }
}
