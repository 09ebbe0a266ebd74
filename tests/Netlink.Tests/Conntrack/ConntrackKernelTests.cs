using System.Net;
using Linux.Addresses;
using Netlink.Conntrack;
using Netlink.Netfilter;
using Netlink.Wire;
using TestKit;

namespace Netlink.Tests.Conntrack;

/// <summary>On the host's kernel.</summary>
public class ConntrackKernelTests : KernelTest
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    // enum cntl_msg_types and enum ctattr_type, linux/netfilter/nfnetlink_conntrack.h
    private const ushort IPCTNL_MSG_CT_NEW = 0x100;
    private const ushort CTA_TUPLE_ORIG = 1;
    private const ushort CTA_TUPLE_REPLY = 2;
    private const ushort CTA_TIMEOUT = 7;

    private readonly ConntrackClient _conntrack;
    private readonly NetlinkSocket _kernel;

    public ConntrackKernelTests()
    {
        _conntrack = ConntrackClient.Open(Namespace);
        _kernel = NetlinkSocket.Open(NetlinkProtocol.Netfilter, Namespace);
    }

    public override void Dispose()
    {
        _kernel.Dispose();
        _conntrack.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Makes the kernel track a connection, as if a packet had begun it; answers come from another port where one is named.
    /// </summary>
    private void Track(string address, ushort port, ushort from, ushort? answeredBy = null)
    {
        IPAddress ip = IPAddress.Parse(address);
        ConntrackTuple original = new(ip, ip, Udp, from, port);
        NetlinkBatch batch = new();
        NetlinkWriter writer = batch.Begin(
            IPCTNL_MSG_CT_NEW,
            (ushort)((ushort)RequestFlags.Acknowledge | (ushort)NewFlags.Create | (ushort)NewFlags.Exclusive),
            "track a connection");
        NetfilterMessage.WriteHeader(writer, NetfilterMessage.FamilyOf(original.Family));
        original.Write(writer, CTA_TUPLE_ORIG);
        new ConntrackTuple(ip, ip, Udp, answeredBy ?? port, from).Write(writer, CTA_TUPLE_REPLY);
        writer.WriteUInt32BigEndianAttribute(CTA_TIMEOUT, 100);
        batch.End();
        _kernel.Execute(batch);
    }

    private List<ConntrackEntry> List(bool ipv6 = false, byte protocol = Udp, ushort? port = null) =>
        _conntrack.List(new ConntrackFilter(ipv6 ? IpFamily.IPv6 : IpFamily.IPv4, protocol) { DestinationPort = port });

    private ushort[] Sources(bool ipv6 = false) => [.. List(ipv6).Select(static entry => entry.Original.SourcePort).Order()];

    [Fact]
    public void Filter_lets_through_family_protocol_and_port()
    {
        Track("127.0.0.1", 5354, from: 40001);
        Track("127.0.0.1", 5356, from: 40002);
        Track("::1", 5354, from: 40003);
        Assert.Equal([40001, 40002], Sources());
        Assert.Equal([40003], Sources(ipv6: true));
        Assert.Equal(40002, Assert.Single(List(port: 5356)).Original.SourcePort);
        Assert.Empty(List(port: 5357));
        Assert.Empty(List(protocol: Tcp));
    }

    [Fact]
    public void Entry_tells_both_directions()
    {
        Track("127.0.0.1", 5353, from: 40001, answeredBy: 53);
        IPAddress localhost = IPAddress.Loopback;
        ConntrackEntry entry = Assert.Single(List());
        Assert.Equal(new ConntrackTuple(localhost, localhost, Udp, 40001, 5353), entry.Original);
        Assert.Equal(new ConntrackTuple(localhost, localhost, Udp, 53, 40001), entry.Reply);
        Assert.NotEqual(0u, entry.Id);
        Assert.Null(entry.Zone);
    }

    [Theory]
    [InlineData("127.0.0.1", 5353)]
    [InlineData("127.0.0.1", 5354)]
    [InlineData("::1", 5353)]
    [InlineData("::1", 5354)]
    public void Deleted_is_what_was_listed_and_nothing_else(string address, int port)
    {
        bool ipv6 = address.Contains(':', StringComparison.Ordinal);
        Track(address, (ushort)port, from: 40001);
        Track(address, 5358, from: 40002);
        Track(ipv6 ? "127.0.0.1" : "::1", (ushort)port, from: 40003);
        _conntrack.Delete(List(ipv6, port: (ushort)port));
        Assert.Equal([40002], Sources(ipv6));
        Assert.Equal([40003], Sources(!ipv6));
    }

    [Fact]
    public void Later_connection_with_the_same_addresses_and_ports_stays()
    {
        Track("127.0.0.1", 5354, from: 40001);
        List<ConntrackEntry> first = List();
        _conntrack.Delete(first);
        _conntrack.Delete(first);
        Track("127.0.0.1", 5354, from: 40001);
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
        for (ushort port = 40001; port <= 40300; port++)
            Track("127.0.0.1", 5354, port);
        Track("127.0.0.1", 5356, from: 40001);
        Assert.Equal(301, List().Count);
        _conntrack.Delete(List(port: 5354));
        Assert.Equal([40001], Sources());
    }

    [Fact]
    public void Listing_tells_which_ports_nobody_speaks_to()
    {
        // There is no listing before somebody tracks.
        Assert.Empty(List());
        Assert.True(Excludes(5354));
        Track("127.0.0.1", 5354, from: 40001);
        Track("::1", 535, from: 40002);
        Assert.False(Excludes(5354));
        Assert.False(Excludes(535));
        Assert.False(Excludes(1, 535));
        Assert.True(Excludes(1, 5355, 5, 53));
        _conntrack.Delete([.. List(), .. List(ipv6: true)]);
        Assert.True(Excludes(5354, 535));
    }

    [Fact]
    public void Listing_that_may_be_cut_tells_nothing()
    {
        Assert.Empty(List());
        ushort from = 40001;
        while (Excludes(1))
        {
            Assert.InRange(from, 40001, 40100);
            Track("127.0.0.1", 5354, from++);
        }
        // Those of one port, whose connections may be on the next page, are not told from another's.
        Assert.False(Excludes(5354));
        Assert.InRange(from, 40005, 40100);
        _conntrack.Delete(List()[..^1]);
        Assert.True(Excludes(1));
        Assert.False(Excludes(5354));
    }

    private bool Excludes(params ushort[] ports) => Namespace.Run(() => ConntrackListing.Excludes(ports));
}
