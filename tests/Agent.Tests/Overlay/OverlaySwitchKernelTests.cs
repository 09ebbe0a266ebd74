using System.Net;
using System.Net.Sockets;
using Agent.Overlay;
using TestKit;

namespace Agent.Tests.Overlay;

public sealed class OverlaySwitchKernelTests : OverlayKernelTest
{
    [Theory]
    [InlineData(OverlayBackend.Vxlan, true)]
    [InlineData(OverlayBackend.HostGateway, false)]
    [InlineData(OverlayBackend.Auto, false)]
    public void Pods_of_three_hosts_reach_each_other(OverlayBackend backend, bool isTunnel)
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        StartAll(backend, a, b, c);
        AssertAllReach(a, b, c);
        Assert.Equal(isTunnel, a.Client.FindLink(TunnelDevice.Name4) is not null);
        // IPv4 carries both.
        Assert.Null(a.Client.FindLink(TunnelDevice.Name6));
        Assert.Empty(a.Datapath.Problems);
        Assert.Equal(1450, a.Datapath.Mtu);
        if (isTunnel)
            Assert.Equal(VtepAddresses.MacOf("test", "node1"), a.Client.FindLink(TunnelDevice.Name4)!.Mac);
    }

    [Fact]
    public void Backends_mix_from_peer_to_peer()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        a.Start([b.As(OverlayBackend.Vxlan), c.As(OverlayBackend.HostGateway)]);
        b.Start([a.As(OverlayBackend.Vxlan), c.As(OverlayBackend.Auto)]);
        c.Start([a.As(OverlayBackend.HostGateway), b.As(OverlayBackend.Auto)]);
        AssertAllReach(a, b, c);
    }

    [Fact]
    public void The_host_itself_reaches_pods_and_is_answered_through_the_tunnel()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        // Nothing of pods may cross the switch outside the tunnel.
        foreach (OverlayHost host in new[] { a, b })
        {
            NftProgram.Load(host.Namespace, """
                table netdev t {
                    chain in { type filter hook ingress device eth0 priority 0; ip saddr 10.244.0.0/16 drop; ip6 saddr fd00:244::/32 drop; }
                }
                """);
        }
        Assert.True(NodeProgram.Pings(a.Namespace, b.Pod4), a.State());
        Assert.True(NodeProgram.Pings(a.Namespace, b.Pod6), a.State());
    }

    [Fact]
    public void The_largest_packet_passes_and_one_byte_more_is_refused()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        // MTU 1450: 28 bytes are headers of IPv4 and ICMP, 48 of IPv6 and ICMPv6.
        Assert.Equal(0, Ping(a, b.Pod4, 1422).ExitCode);
        Assert.NotEqual(0, Ping(a, b.Pod4, 1423).ExitCode);
        Assert.Equal(0, Ping(a, b.Pod6, 1402).ExitCode);
        Assert.NotEqual(0, Ping(a, b.Pod6, 1403).ExitCode);

        static (int ExitCode, string Output) Ping(OverlayHost from, string to, int size) =>
            NodeProgram.TryRun(from.Pod, $"ping -n -c1 -W1 -M do -s {size} {to}");
    }

    [Fact]
    public void TCP_announces_segments_that_fit_the_tunnel()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Vxlan, a, b);
        const int IPPROTO_TCP = 6, TCP_MAXSEG = 2;
        using Socket listener = b.Pod.Run(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        listener.DualMode = true;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 5000));
        listener.Listen();
        // 40 bytes are headers of IPv4 and TCP, 60 of IPv6 and TCP.
        foreach ((string address, int most) in new[] { (b.Pod4, 1410), (b.Pod6, 1390) })
        {
            IPAddress to = IPAddress.Parse(address);
            using Socket client = a.Pod.Run(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            client.Connect(to, 5000);
            using Socket server = listener.Accept();
            byte[] size = new byte[4];
            Assert.Equal(4, server.GetRawSocketOption(IPPROTO_TCP, TCP_MAXSEG, size));
            Assert.InRange(BitConverter.ToInt32(size), 1, most);
            Assert.Equal(4, client.GetRawSocketOption(IPPROTO_TCP, TCP_MAXSEG, size));
            Assert.InRange(BitConverter.ToInt32(size), 1, most);
        }
    }

    [Fact]
    public void Who_is_no_peer_reaches_no_pod_by_the_tunnels_port()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), stranger = OnSwitch(9);
        StartAll(OverlayBackend.Vxlan, a, b);
        // It has the tunnel's number, port and addresses right, and says that it is pod 9.
        stranger.Start(OverlayBackend.Vxlan, a, b);
        NftProgram.Load(a.Pod, """
            table inet t {
                counter met { }
                chain in { type filter hook input priority 0;
                           ip saddr 10.244.9.5 counter name met; ip6 saddr fd00:244:9::5 counter name met; }
            }
            """);
        Assert.False(stranger.Pings(a.Pod4));
        Assert.False(stranger.Pings(a.Pod6));
        Assert.Contains("packets 0", NftProgram.Run(a.Pod, "", "list", "counters"), StringComparison.Ordinal);

        // Which is the port's doing: as a peer it is heard.
        a.Update([b.As(OverlayBackend.Vxlan), stranger.As(OverlayBackend.Vxlan)]);
        Assert.True(stranger.Reaches(a));
        Assert.Contains("packets 2", NftProgram.Run(a.Pod, "", "list", "counters"), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_leave_the_cluster_as_the_host_and_meet_each_other_as_themselves()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), outside = OnSwitch(8);
        StartAll(OverlayBackend.Vxlan, a, b);
        // The world has no route to pods, so an answer proves the host's address.
        Assert.True(a.Pings("192.0.2.8"));
        Assert.True(a.Pings("fd00:2::8"));
        Assert.Empty(outside.Routes());
        NftProgram.Load(b.Pod, """
            table inet t {
                chain in { type filter hook input priority 0; icmp type echo-request ip saddr != 10.244.1.5 drop;
                           icmpv6 type echo-request ip6 saddr != fd00:244:1::5 drop; }
            }
            """);
        Assert.True(a.Reaches(b));
    }

    [Fact]
    public void A_host_that_drops_what_it_forwards_lets_pods_pass()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2);
        StartAll(OverlayBackend.Auto, a, b);
        foreach (string program in new[] { "iptables-nft", "ip6tables-nft" })
            _ = NodeProgram.Run(a.Namespace, $"{program} -P FORWARD DROP; {program} -N CNI-ADMIN; {program} -I FORWARD -j CNI-ADMIN");
        string Rules() => NodeProgram.TryRun(a.Namespace, "iptables-nft -S; ip6tables-nft -S").Output;
        _ = a.Await(() => Rules().Contains("-A CNI-OVERLAY -d fd00:244::/32 -j ACCEPT", StringComparison.Ordinal), "the rules");
        Assert.Equal(
            [
                "-A FORWARD -j CNI-ADMIN",
                "-A FORWARD -j CNI-OVERLAY",
                "-A CNI-OVERLAY -s 10.244.0.0/16 -j ACCEPT",
                "-A CNI-OVERLAY -d 10.244.0.0/16 -j ACCEPT",
            ],
            NftProgram.Lines(NodeProgram.Run(a.Namespace, "iptables-nft -S | grep ^-A")));
        AssertAllReach(a, b);
    }

    [Fact]
    public void A_host_that_drops_what_comes_in_hears_its_peers()
    {
        OverlayHost a = OnSwitch(1), b = OnSwitch(2), c = OnSwitch(3);
        // As ufw has it, but for what neighbours of IPv6 need.
        _ = NodeProgram.Run(a.Namespace, """
            iptables-nft -P INPUT DROP
            ip6tables-nft -P INPUT DROP
            ip6tables-nft -A INPUT -p ipv6-icmp -j ACCEPT
            """);
        StartAll(OverlayBackend.Vxlan, a, b);
        AssertAllReach(a, b);
        Assert.Equal(
            [
                "-A INPUT -p udp -m udp --dport 4789 -j CNI-OVERLAY-IN",
                "-A CNI-OVERLAY-IN -s 192.0.2.2/32 -j ACCEPT",
            ],
            NftProgram.Lines(NodeProgram.Run(a.Namespace, "iptables-nft -S | grep ^-A")));
        a.Update([b.As(OverlayBackend.Vxlan), c.As(OverlayBackend.Vxlan)]);
        c.Start(OverlayBackend.Vxlan, a);
        AssertAllReach(a, c);
    }

    [Fact]
    public void One_node_more_among_a_thousand_is_one_entry_one_neighbour_and_its_routes()
    {
        OverlayHost a = OnSwitch(1);
        _ = NodeProgram.Run(a.Namespace, "ip route add default via 192.0.2.254");
        OverlayPeer[] peers = [.. Enumerable.Range(0, 1001).Select(static number => new OverlayPeer(
            $"n{number}",
            [IPAddress.Parse($"198.18.{number / 250}.{(number % 250) + 1}")],
            [
                new OverlayBlock(TestCall.Prefix($"10.100.{number / 4}.{number % 4 * 64}/26"), OverlayBackend.Vxlan),
                new OverlayBlock(TestCall.Prefix($"fd00:244:0:{number:x}::/122"), OverlayBackend.Vxlan),
            ]))];
        a.Start(peers[..1000]);
        Assert.Empty(a.Datapath.Problems);
        int device = a.Client.FindLink("cni-vx0")!.Index, lines = a.Log.Count();
        Assert.Equal(1000, a.Client.ListForwarding(device).Count);
        a.Update(peers);
        Assert.Equal(
            [
                "nftables: restored or changed set inet cniplugin-overlay peers4",
                $"added forwarding entry {VtepAddresses.MacOf("test", "n1000")} (node n1000)",
                $"added neighbour {VtepAddresses.LinkLocalOf(VtepAddresses.MacOf("test", "n1000"))} (node n1000)",
                "added route 10.100.250.0/26 (node n1000), fd00:244:0:3e8::/122 (node n1000)",
            ],
            a.Log.Skip(lines));
        a.Update([]);
        Assert.Null(a.Client.FindLink("cni-vx0"));
    }
}
