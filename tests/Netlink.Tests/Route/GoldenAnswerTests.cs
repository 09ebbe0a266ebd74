using System.Net;
using Linux.Addresses;
using Netlink.Route.Addresses;
using Netlink.Route.Links;
using Netlink.Route.Neighbours;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Route.TrafficControl;

namespace Netlink.Tests.Route;

/// <summary>We read what the kernel answered to ip.</summary>
public sealed class GoldenAnswerTests
{
    [Fact]
    public void Links()
    {
        Dictionary<string, byte[]> answers = GoldenFile.Read("LinkAnswers");
        Link veth = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev veth0"], LinkParser.Parse));
        Assert.Equal(["web"], veth.AlternativeNames);
        Assert.Equal(
            new Link
            {
                Index = 1000,
                Name = "veth0",
                AlternativeNames = veth.AlternativeNames,
                Kind = "veth",
                Mac = new MacAddress([2, 0, 0, 0, 0, 1]),
                Mtu = 1400,
                TxQueueLength = 1000,
                MasterIndex = 500,
                PeerIndex = 2000,
                PeerNamespaceId = 0,
                Flags = LinkFlags.Up | LinkFlags.Broadcast | LinkFlags.Multicast,
                OperationalState = OperationalState.Down,
                Alias = "tag",
                Promiscuity = 1,
                PortKind = "bridge",
                PortData = veth.PortData,
            },
            veth);
        Assert.Equal(new BridgePortState { Hairpin = true, Isolated = true }, veth.Port);

        Link bridge = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev br0"], LinkParser.Parse));
        Assert.Equal(("br0", "bridge", 500, 1400), (bridge.Name, bridge.Kind, bridge.Index, bridge.Mtu));
        // Recorded on a kernel without VLAN filtering, which has no default PVID either.
        Assert.Equal(new BridgeState(), bridge.Bridge);
        Assert.Null(bridge.Port);

        Link lo = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev lo"], LinkParser.Parse));
        Assert.Equal(("lo", null, 65536, LinkFlags.Loopback), (lo.Name, lo.Kind, lo.Mtu, lo.Flags));
    }

    [Fact]
    public void Links_of_kinds_with_settings_of_their_own()
    {
        Dictionary<string, byte[]> answers = GoldenFile.Read("LinkKindAnswers");
        Link macvlan = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev eth0"], LinkParser.Parse));
        Assert.Equal(("macvlan", 100, 0, 1400), (macvlan.Kind, macvlan.PeerIndex, macvlan.PeerNamespaceId, macvlan.Mtu));
        Assert.Equal(new MacvlanState { Mode = MacvlanMode.Private, BroadcastQueueLength = 2000 }, macvlan.Macvlan);

        Link tap = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev t0"], LinkParser.Parse));
        Assert.Equal("tun", tap.Kind);
        Assert.Equal(new TunState { IsTap = true, Owner = 1000, Group = 1001, IsPersistent = true, MultiQueue = true }, tap.Tun);

        Link vxlan = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev vx0"], LinkParser.Parse));
        Assert.Equal(
            new VxlanState { Id = 42, Local = IPAddress.Parse("10.0.0.1"), Port = 4789, Underlay = 100 }, vxlan.Vxlan);

        Link ipvlan = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev ipv0"], LinkParser.Parse));
        Assert.Equal(("ipvlan", 100, null), (ipvlan.Kind, ipvlan.PeerIndex, ipvlan.PeerNamespaceId));
        Assert.Equal(new IpvlanState { Mode = IpvlanMode.L3S, Flags = IpvlanFlags.Vepa }, ipvlan.Ipvlan);

        Link vlan = Assert.Single(GoldenFile.Parse(answers["ip -d link show dev vlan5"], LinkParser.Parse));
        Assert.Equal(("vlan", 100, 5), (vlan.Kind, vlan.PeerIndex, vlan.VlanId));
        Assert.All([tap, vlan], static link => Assert.Null(link.Macvlan ?? (object?)link.Ipvlan));
    }

    [Fact]
    public void Addresses()
    {
        List<InterfaceAddress> addresses =
            GoldenFile.Parse(GoldenFile.Read("AddressAnswers")["ip addr show dev v1"], AddressMessage.Parse);
        Assert.Equal(
            [
                new InterfaceAddress
                {
                    LinkIndex = 100,
                    Address = Prefix("10.1.2.3/24"),
                    Broadcast = IPAddress.Parse("10.1.2.255"),
                    Scope = RouteScope.Link,
                    Label = "v1:pod",
                    Flags = AddressFlags.Permanent,
                },
                new InterfaceAddress { LinkIndex = 100, Address = Prefix("10.1.0.1/24"), Label = "v1", Flags = AddressFlags.Permanent },
                new InterfaceAddress { LinkIndex = 100, Address = Prefix("10.1.2.4/32"), Label = "v1", Flags = AddressFlags.Permanent },
                new InterfaceAddress
                {
                    LinkIndex = 100,
                    Address = Prefix("fd00::5/64"),
                    Flags = AddressFlags.Permanent | AddressFlags.Tentative,
                },
                new InterfaceAddress
                {
                    LinkIndex = 100,
                    Address = Prefix("fd00:1::1/64"),
                    Flags = AddressFlags.Permanent | AddressFlags.NoDad,
                },
            ],
            addresses);
    }

    [Fact]
    public void Routes()
    {
        Dictionary<string, byte[]> answers = GoldenFile.Read("RouteAnswers");
        AssertRoute("ip route show table 4000", Route("192.0.4.0/24", "10.1.0.254") with
        {
            OutputIndex = 100,
            Table = 4000,
            Priority = 77,
            Protocol = RouteProtocol.Static,
            PreferredSource = IPAddress.Parse("10.1.0.1"),
            Mtu = 1300,
            AdvMss = 1200,
        });
        AssertRoute("ip route show 192.0.7.0/24", Route("192.0.7.0/24", "fd00:1::fe") with { OutputIndex = 100 });
        AssertRoute("ip route show 192.0.3.0/24", Route("192.0.3.0/24", "172.16.0.1") with { OutputIndex = 100, OnLink = true });
        AssertRoute("ip -6 route show default", Route("::/0", "fd00:1::fe") with { OutputIndex = 100, Priority = 1024 });
        AssertRoute(
            "ip route show 192.0.5.0/24",
            Route("192.0.5.0/24"),
            new NextHop { Gateway = IPAddress.Parse("10.1.0.254"), OutputIndex = 100, Weight = 3 },
            new NextHop { Gateway = IPAddress.Parse("10.2.0.254"), OutputIndex = 200, OnLink = true });
        AssertRoute(
            "ip -6 route show 2001:db8::/32",
            Route("2001:db8::/32") with { Priority = 1024 },
            new NextHop { Gateway = IPAddress.Parse("fd00:1::fe"), OutputIndex = 100 },
            new NextHop { Gateway = IPAddress.Parse("fd00:2::fe"), OutputIndex = 200 });
        Assert.Empty(answers);

        void AssertRoute(string command, RouteSpec expected, params NextHop[] hops)
        {
            RouteSpec route = Assert.Single(GoldenFile.Parse(answers[command], RouteParser.Parse));
            Assert.Equal(hops, route.Multipath);
            Assert.Equal(expected with { Multipath = route.Multipath }, route);
            answers.Remove(command);
        }
    }

    [Fact]
    public void Neighbours()
    {
        MacAddress mac = new([2, 0, 0, 0, 0, 9]);
        Assert.Equal(
            [
                new Neighbour { LinkIndex = 100, Address = IPAddress.Parse("10.1.0.9"), Mac = new MacAddress([2, 0, 0, 0, 0, 10]) },
                new Neighbour { LinkIndex = 100, Address = IPAddress.Parse("fd00:1::9"), Mac = mac, State = NeighbourState.Reachable },
            ],
            GoldenFile.Parse(GoldenFile.Read("NeighbourAnswers")["ip neigh show dev v1"], NeighbourMessage.Parse));
    }

    [Fact]
    public void Rules()
    {
        RuleSpec kernels = new()
        {
            Family = IpFamily.IPv4,
            Priority = 0,
            Action = RuleAction.ToTable,
            Table = RouteTable.Local,
            Protocol = RouteProtocol.Kernel,
        };
        Assert.Equal(
            [
                kernels,
                kernels with
                {
                    Priority = 1234,
                    Destination = Prefix("192.0.2.0/24"),
                    InputName = "v1",
                    OutputName = "v2",
                    Mark = 0x10,
                    MarkMask = 0xf0,
                    Table = 4000,
                    Protocol = RouteProtocol.Static,
                },
                kernels with
                {
                    Priority = 32765,
                    Source = Prefix("10.1.0.5/32"),
                    Table = 100,
                    Protocol = RouteProtocol.Unspecified,
                },
                kernels with { Priority = 32766, Table = RouteTable.Main },
                kernels with { Priority = 32767, Table = RouteTable.Default },
            ],
            GoldenFile.Parse(GoldenFile.Read("RuleAnswers")["ip rule show"], RuleMessage.Parse));
    }

    [Fact]
    public void Qdiscs()
    {
        Dictionary<string, byte[]> answers = GoldenFile.Read("TrafficControlAnswers");
        Assert.Equal(
            new Qdisc
            {
                LinkIndex = 400,
                Parent = TcHandle.Root,
                Handle = new TcHandle(1, 0),
                Kind = "tbf",
                Bucket = new TokenBucket { Rate = 5_000_000_000, Limit = 126_000_000, Buffer = 3125 },
            },
            Assert.Single(GoldenFile.Parse(answers["tc qdisc show dev h0"], QdiscMessage.Parse)));
        Assert.Equal(
            [
                new Qdisc { LinkIndex = 100, Parent = TcHandle.Root, Handle = default, Kind = "noqueue" },
                new Qdisc { LinkIndex = 100, Parent = TcHandle.Ingress, Handle = TcHandle.IngressQdisc, Kind = "clsact" },
            ],
            GoldenFile.Parse(answers["tc qdisc show dev v1"], QdiscMessage.Parse));
    }

    [Fact]
    public void Filters()
    {
        List<Filter> filters =
            GoldenFile.Parse(GoldenFile.Read("TrafficControlAnswers")["tc filter show dev v1 parent ffff:fff2"], FilterMessage.Parse);
        Assert.Equal(2, filters.Count);
        Filter ip = new()
        {
            LinkIndex = 100,
            Parent = TcHandle.IngressFilters,
            Handle = 0x80100800,
            Priority = 7,
            Protocol = 0x0800,
            Kind = "u32",
            Actions = filters[0].Actions,
        };
        Assert.Equal(ip, filters[0]);
        Assert.Equal([new FilterAction { Kind = "mirred", Verdict = -1 }], filters[0].Actions);
        Assert.False(filters[0].MayEndChain);
        Assert.Equal(ip with { Handle = 0x80000800, Priority = 65535, Protocol = 3, Actions = filters[1].Actions }, filters[1]);
        Assert.Equal([new FilterAction { Kind = "mirred", Verdict = 4, RedirectTarget = 300 }], filters[1].Actions);
        Assert.True(filters[1].MayEndChain);
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);

    private static RouteSpec Route(string destination, string? gateway = null) => new()
    {
        Destination = Prefix(destination),
        Gateway = gateway is null ? null : IPAddress.Parse(gateway),
        Scope = RouteScope.Universe,
        Protocol = RouteProtocol.Boot,
        Type = RouteType.Unicast,
    };
}
