using System.Net;
using Linux.Addresses;
using Linux.Namespaces;
using Netlink.Route;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;

namespace Netlink.Tests.Route;

/// <summary>We send what ip, bridge and tc send, apart from what <see cref="GoldenFile.Describe(ReadOnlySpan{byte})"/> says.</summary>
public sealed class GoldenRequestTests
{
    private static readonly NextHop FirstHop = new() { Gateway = IPAddress.Parse("10.1.0.254"), OutputIndex = 100, Weight = 3 };
    private static readonly NextHop SecondHop = new() { Gateway = IPAddress.Parse("10.2.0.254"), OutputIndex = 200, OnLink = true };
    private static readonly NextHop FirstHop6 = new() { Gateway = IPAddress.Parse("fd00:1::fe"), OutputIndex = 100 };
    private static readonly NextHop SecondHop6 = new() { Gateway = IPAddress.Parse("fd00:2::fe"), OutputIndex = 200 };

    private static readonly Neighbour First = new() { LinkIndex = 100, Address = IPAddress.Parse("10.1.0.9"), Mac = Mac(9) };

    private static readonly Dictionary<string, Dictionary<string, Action<RouteBatch>>> Files = new()
    {
        ["Links"] = new()
        {
            ["ip link add veth0 index 1000 address 02:00:00:00:00:01 mtu 1400 master br0 up type veth peer name eth0 index 2000 "
                + "address 02:00:00:00:00:02 mtu 1400 netns pod"] = b => b.CreateLink(new VethSpec
                {
                    Name = "veth0",
                    Index = 1000,
                    Mac = Mac(1),
                    Mtu = 1400,
                    Master = 500,
                    Up = true,
                    Peer = new VethPeer
                    {
                        Name = "eth0",
                        Index = 2000,
                        Mac = Mac(2),
                        Mtu = 1400,
                        TargetNamespace = NetworkNamespace.Current(),
                    },
                }),
            ["ip link add br1 address 02:00:00:00:00:03 type bridge vlan_filtering 1 vlan_default_pvid 0"] =
                b => b.CreateLink(new BridgeSpec { Name = "br1", Mac = Mac(3), VlanFiltering = true, DefaultPvid = 0 }),
            ["ip link add vlan5 link v1 type vlan id 5"] = b => b.CreateLink(new VlanSpec { Name = "vlan5", Parent = 100, Id = 5 }),
            ["ip link add dummy0 txqueuelen 7 type dummy"] = b => b.CreateLink(new DummySpec { Name = "dummy0", TxQueueLength = 7 }),
            ["ip link add vrf1 type vrf table 300"] = b => b.CreateLink(new VrfSpec { Name = "vrf1", Table = 300 }),
            ["ip link add name eth0 link v1 address 02:00:00:00:00:05 mtu 1400 netns pod type macvlan mode private bcqueuelen 2000"] =
                b => b.CreateLink(new MacvlanSpec
                {
                    Name = "eth0",
                    Parent = 100,
                    Mac = Mac(5),
                    Mtu = 1400,
                    TargetNamespace = NetworkNamespace.Current(),
                    Mode = MacvlanMode.Private,
                    BroadcastQueueLength = 2000,
                }),
            ["ip link add name ipv0 link v1 type ipvlan mode l3s vepa"] = b => b.CreateLink(
                new IpvlanSpec { Name = "ipv0", Parent = 100, Mode = IpvlanMode.L3S, Flags = IpvlanFlags.Vepa }),
            ["ip link add vx0 index 700 mtu 1450 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning dev v1"] =
                b => b.CreateLink(new VxlanSpec
                {
                    Name = "vx0",
                    Index = 700,
                    Mtu = 1450,
                    Id = 42,
                    Local = IPAddress.Parse("10.0.0.1"),
                    Port = 4789,
                    Learning = false,
                    Underlay = 100,
                }),
            ["ip link add vx6 type vxlan id 43 remote fd00::2 local fd00::1 dstport 8472"] = b => b.CreateLink(new VxlanSpec
            {
                Name = "vx6",
                Id = 43,
                Remote = IPAddress.Parse("fd00::2"),
                Local = IPAddress.Parse("fd00::1"),
                Port = 8472,
            }),
            ["ip link property add dev v1 altname web altname db"] = b => b.AddAlternativeNames(100, ["web", "db"]),
            ["ip link property del dev v1 altname web altname db"] = b => b.DeleteAlternativeNames(100, ["web", "db"]),
            ["ip link set dev v2 netns pod name eth1 alias v2"] = b => b.SetLink(
                200, new LinkChange { TargetNamespace = NetworkNamespace.Current(), Name = "eth1", Alias = "v2" }),
            ["ip link add ifb0 index 300 address 02:00:00:00:00:05 mtu 1400 txqueuelen 0 up type ifb"] =
                b => b.CreateLink(new IfbSpec { Name = "ifb0", Index = 300, Mac = Mac(5), Mtu = 1400, TxQueueLength = 0, Up = true }),
            ["ip link set dev v2 master br0"] = b => b.SetLink(200, new LinkChange { Master = 500 }),
            ["ip link set dev v2 nomaster"] = b => b.SetLink(200, new LinkChange { Master = 0 }),
            ["ip link set dev br0 type bridge vlan_filtering 1"] = b => b.SetLink(500, new LinkChange { VlanFiltering = true }),
            ["ip link set dev v1 mtu 1300 address 02:00:00:00:00:04 txqueuelen 9"] =
                b => b.SetLink(100, new LinkChange { Mtu = 1300, Mac = Mac(4), TxQueueLength = 9 }),
            ["ip link set dev v1 alias web"] = b => b.SetLink(100, new LinkChange { Alias = "web" }),
            ["ip link set dev v1 group 9"] = b => b.SetLink(100, new LinkChange { Group = 9 }),
            ["ip link set dev v1 promisc on allmulticast on up"] =
                b => b.SetLink(100, new LinkChange { Promiscuous = true, AllMulticast = true, Up = true }),
            ["ip link set dev v1 promisc off down"] = b => b.SetLink(100, new LinkChange { Promiscuous = false, Up = false }),
            ["ip link set dev v1 up"] = b => b.SetLink(100, new LinkChange { Up = true }),
            ["ip link set dev v1 addrgenmode none"] =
                b => b.SetLink(100, new LinkChange { AddressGenerationMode = AddressGenerationMode.None }),
            ["ip link set dev v2 netns pod name eth1"] =
                b => b.SetLink(200, new LinkChange { TargetNamespace = NetworkNamespace.Current(), Name = "eth1" }),
            ["ip link del dev gone"] = b => b.DeleteLink(300),
        },
        ["TrafficControl"] = new()
        {
            ["/usr/lib/cni/bandwidth, ingressRate 1000000, ingressBurst 800000"] = b => b.AddQdisc(Tbf(125_000, 103_125, 12_500_000)),
            ["/usr/lib/cni/bandwidth, ingressRate 40000000000, ingressBurst 8000000"] =
                b => b.AddQdisc(Tbf(5_000_000_000, 126_000_000, 3125)),
            ["tc qdisc add dev v1 ingress"] = b => b.AddQdisc(new IngressSpec { LinkIndex = 100 }),
            ["tc qdisc add dev v1 clsact"] = b => b.AddQdisc(new ClsactSpec { LinkIndex = 100 }),
            ["tc filter add dev v1 parent ffff:fff2 protocol all prio 65535 u32 match u32 0 0 flowid 1:1 "
                + "action mirred egress redirect dev ifb0"] =
                b => b.AddFilter(new U32RedirectSpec
                {
                    LinkIndex = 100,
                    Parent = TcHandle.IngressFilters,
                    Priority = 65535,
                    ClassId = new TcHandle(1, 1),
                    Target = 300,
                }),
            ["tc filter del dev v1 parent ffff:fff2 protocol all prio 65535 handle 800::800 u32"] = b => b.DeleteFilter(new Filter
            {
                LinkIndex = 100,
                Parent = TcHandle.IngressFilters,
                Handle = 0x80000800,
                Priority = 65535,
                Protocol = 3,
                Kind = "u32",
            }),
            ["tc qdisc del dev v1 ingress"] = b => b.DeleteQdisc(100, TcHandle.Ingress, TcHandle.IngressQdisc, "ingress"),
            ["tc qdisc del dev v1 root handle 1:"] = b => b.DeleteQdisc(400, TcHandle.Root, new TcHandle(1, 0)),
        },
        ["BridgeVlans"] = new()
        {
            ["bridge vlan add dev v2 vid 10-20"] = b => b.AddBridgeVlans(200, [new BridgeVlanRange(10, 20)]),
            ["bridge vlan add dev v2 vid 5 pvid untagged"] = b => b.AddBridgeVlans(200, [BridgeVlanRange.Untagged(5)]),
            ["bridge vlan del dev v2 vid 1"] = b => b.DeleteBridgeVlans(200, [new BridgeVlanRange(1, 1)]),
        },
        ["Addresses"] = new()
        {
            ["ip addr add 10.1.2.3/24 broadcast 10.1.2.255 scope link label v1:pod dev v1"] = b => b.AddAddress(100, new AddressSpec
            {
                Address = Prefix("10.1.2.3/24"),
                Broadcast = IPAddress.Parse("10.1.2.255"),
                Scope = RouteScope.Link,
                Label = "v1:pod",
            }),
            ["ip addr add 10.1.2.4/32 dev v1"] = b => b.AddAddress(100, new AddressSpec { Address = Prefix("10.1.2.4/32") }),
            ["ip addr add fd00::1/64 dev v1 nodad"] =
                b => b.AddAddress(100, new AddressSpec { Address = Prefix("fd00::1/64"), NoDad = true }),
            ["ip addr add 10.1.2.5/24 dev v1 noprefixroute"] =
                b => b.AddAddress(100, new AddressSpec { Address = Prefix("10.1.2.5/24"), NoPrefixRoute = true }),
            ["ip addr add fd00::5/64 dev v1 nodad noprefixroute"] =
                b => b.AddAddress(100, new AddressSpec { Address = Prefix("fd00::5/64"), NoDad = true, NoPrefixRoute = true }),
            ["ip addr del 10.1.2.3/24 dev v1"] = b => b.DeleteAddress(100, Prefix("10.1.2.3/24")),
            ["ip addr del fd00::1/64 dev v1"] = b => b.DeleteAddress(100, Prefix("fd00::1/64")),
        },
        ["Routes"] = new()
        {
            ["ip route add default via 10.1.0.254"] = b => b.AddRoute(Route("0.0.0.0/0", "10.1.0.254")),
            ["ip route add 192.0.2.0/24 dev v1"] = b => b.AddRoute(Route("192.0.2.0/24") with { OutputIndex = 100 }),
            ["ip route add 192.0.3.0/24 via 172.16.0.1 dev v1 onlink"] =
                b => b.AddRoute(Route("192.0.3.0/24", "172.16.0.1") with { OutputIndex = 100, OnLink = true }),
            ["ip route add 192.0.4.0/24 via 10.1.0.254 dev v1 src 10.1.0.1 metric 77 table 4000 protocol static mtu 1300 advmss 1200"] =
                b => b.AddRoute(Route("192.0.4.0/24", "10.1.0.254") with
                {
                    OutputIndex = 100,
                    PreferredSource = IPAddress.Parse("10.1.0.1"),
                    Priority = 77,
                    Table = 4000,
                    Protocol = RouteProtocol.Static,
                    Mtu = 1300,
                    AdvMss = 1200,
                }),
            ["ip route add 192.0.5.0/24 nexthop via 10.1.0.254 dev v1 weight 3 nexthop via 10.2.0.254 dev v2 onlink"] =
                b => b.AddRoute(Route("192.0.5.0/24") with { Multipath = [FirstHop, SecondHop] }),
            ["ip route add blackhole 192.0.6.0/24"] = b => b.AddRoute(Route("192.0.6.0/24") with { Type = RouteType.Blackhole }),
            ["ip route add 192.0.7.0/24 via inet6 fd00:1::fe dev v1"] =
                b => b.AddRoute(Route("192.0.7.0/24", "fd00:1::fe") with { OutputIndex = 100 }),
            ["ip route replace 192.0.2.0/24 dev v2"] = b => b.ReplaceRoute(Route("192.0.2.0/24") with { OutputIndex = 200 }),
            ["ip route prepend 192.0.2.0/24 via 10.1.0.254"] = b => b.PrependRoute(Route("192.0.2.0/24", "10.1.0.254")),
            ["ip route add default via fd00:1::fe dev v1"] =
                b => b.AddRoute(Route("::/0", "fd00:1::fe") with { OutputIndex = 100 }),
            ["ip route add 2001:db8::/32 nexthop via fd00:1::fe dev v1 nexthop via fd00:2::fe dev v2"] =
                b => b.AddRoute(Route("2001:db8::/32") with { Multipath = [FirstHop6, SecondHop6] }),
            ["ip route add 10.9.9.9/32 dev v1 scope host table 100"] =
                b => b.AddRoute(Route("10.9.9.9/32") with { OutputIndex = 100, Scope = RouteScope.Host, Table = 100 }),
            ["ip route del 192.0.2.0/24"] = b => b.DeleteRoute(Route("192.0.2.0/24")),
            ["ip route del 192.0.4.0/24 via 10.1.0.254 dev v1 table 4000 protocol static"] = b => b.DeleteRoute(
                Route("192.0.4.0/24", "10.1.0.254") with { OutputIndex = 100, Table = 4000, Protocol = RouteProtocol.Static }),
        },
        ["Neighbours"] = new()
        {
            ["ip neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev v1"] = b => b.AddNeighbour(First),
            ["ip neigh add fd00:1::9 lladdr 02:00:00:00:00:09 dev v1 nud reachable"] = b => b.AddNeighbour(
                First with { Address = IPAddress.Parse("fd00:1::9"), State = NeighbourState.Reachable }),
            ["ip neigh replace 10.1.0.9 lladdr 02:00:00:00:00:0a dev v1"] = b => b.ReplaceNeighbour(First with { Mac = Mac(10) }),
            ["ip neigh add proxy 10.1.0.8 dev v1"] = b => b.AddNeighbour(
                new Neighbour { LinkIndex = 100, Address = IPAddress.Parse("10.1.0.8"), IsProxy = true }),
            ["ip neigh del 10.1.0.9 dev v1"] = b => b.DeleteNeighbour(First with { Mac = null }),
        },
        ["Forwarding"] = new()
        {
            ["bridge fdb add 02:00:00:00:00:09 dev vx0 dst 10.0.0.9"] = b => b.AddForwarding(Forwarding(Mac(9), "10.0.0.9")),
            ["bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9"] = b => b.AppendForwarding(Forwarding(default, "10.0.0.9")),
            ["bridge fdb replace 02:00:00:00:00:09 dev vx0 dst 10.0.0.10"] = b => b.ReplaceForwarding(Forwarding(Mac(9), "10.0.0.10")),
            ["bridge fdb del 02:00:00:00:00:09 dev vx0 dst 10.0.0.10"] = b => b.DeleteForwarding(Forwarding(Mac(9), "10.0.0.10")),
        },
        ["Rules"] = new()
        {
            ["ip rule add from 10.1.0.5/32 table 100"] =
                b => b.AddRule(new RuleSpec { Family = IpFamily.IPv4, Source = Prefix("10.1.0.5/32"), Table = 100 }),
            ["ip rule add to 192.0.2.0/24 iif v1 oif v2 fwmark 0x10/0xf0 priority 1234 table 4000 protocol static"] =
                b => b.AddRule(new RuleSpec
                {
                    Family = IpFamily.IPv4,
                    Destination = Prefix("192.0.2.0/24"),
                    InputName = "v1",
                    OutputName = "v2",
                    Mark = 0x10,
                    MarkMask = 0xf0,
                    Priority = 1234,
                    Table = 4000,
                    Protocol = RouteProtocol.Static,
                }),
            ["ip -6 rule add from fd00::/64 priority 9 blackhole"] = b => b.AddRule(
                new RuleSpec { Family = IpFamily.IPv6, Source = Prefix("fd00::/64"), Priority = 9, Action = RuleAction.Blackhole }),
            ["ip rule del from 10.1.0.5/32 table 100"] =
                b => b.DeleteRule(new RuleSpec { Family = IpFamily.IPv4, Source = Prefix("10.1.0.5/32"), Table = 100 }),
        },
    };

    public static TheoryData<string, string> Commands()
    {
        TheoryData<string, string> commands = [];
        foreach (string file in Files.Keys)
        {
            foreach (string command in GoldenFile.Read(file).Keys)
                commands.Add(file, command);
        }
        return commands;
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void We_send_what_was_recorded(string file, string command)
    {
        Assert.True(Files[file].TryGetValue(command, out Action<RouteBatch>? write), "no test writes this recorded request");
        RouteBatch batch = new();
        write(batch);
        Assert.Equal(GoldenFile.Describe(GoldenFile.Read(file)[command]), GoldenFile.Describe(batch.Requests.Buffer.Written));
    }

    [Fact]
    public void Every_request_has_been_recorded() => Assert.All(
        Files, file => Assert.Empty(file.Value.Keys.Except(GoldenFile.Read(file.Key).Keys)));

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private static TbfSpec Tbf(ulong rate, uint limit, uint buffer) => new()
    {
        LinkIndex = 400,
        Handle = new TcHandle(1, 0),
        Bucket = new TokenBucket { Rate = rate, Limit = limit, Buffer = buffer },
    };

    private static ForwardingEntry Forwarding(MacAddress mac, string destination) =>
        new() { LinkIndex = 700, Mac = mac, Destination = IPAddress.Parse(destination) };

    private static MacAddress Mac(byte last) => new([2, 0, 0, 0, 0, last]);

    private static RouteSpec Route(string destination, string? gateway = null) =>
        new() { Destination = Prefix(destination), Gateway = gateway is null ? null : IPAddress.Parse(gateway) };
}
