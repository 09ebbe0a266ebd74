using System.Net;
using Linux;
using Linux.Addresses;
using Netlink.Netfilter;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using TestKit;

namespace Netlink.Tests.Nftables;

/// <summary>
/// What we write is listed by nft as it was meant, can be loaded from that listing, and is read back by us as it was written.
/// </summary>
public sealed class NftListingKernelTests : NftKernelTest
{
    private static readonly NftTable Bridge = new(NftFamily.Bridge, "b");
    private static readonly IpPrefix Any4 = Prefix("0.0.0.0/0");

    private static readonly NftSet Publish = new(Table, "publish", NftDataType.Concat(NftDataType.InetProtocol, NftDataType.InetService))
    {
        ValueType = NftDataType.Concat(NftDataType.IPv4Address, NftDataType.InetService),
    };

    private static readonly (string Chain, string Text, NftExpression[] Expressions)[] Rules =
    [
        ("post", "ip saddr 10.1.0.0/16 masquerade", [.. PacketMatch.SourceIn(NftFamily.Inet, Prefix("10.1.0.0/16")), new Masquerade()]),
        ("post", "ip daddr != 10.0.0.1 masquerade random,fully-random", [
            .. PacketMatch.DestinationAddress(NftFamily.Inet, IpFamily.IPv4),
            new Cmp(CmpOperation.NotEqual, NftValue.Of(IPAddress.Parse("10.0.0.1"))),
            new Masquerade { Flags = NatFlags.Random | NatFlags.FullyRandom },
        ]),
        ("post", "ip6 daddr fe80::/10 return",
            [.. PacketMatch.DestinationIn(NftFamily.Inet, Prefix("fe80::/10")), new Immediate(NftVerdict.Return)]),
        ("post", "ip6 saddr fd00::5 snat ip6 to fd00::1", [
            .. PacketMatch.SourceIn(NftFamily.Inet, Prefix("fd00::5/128")),
            new Immediate(NftValue.Of(IPAddress.Parse("fd00::1"))),
            new Nat(NatType.Source, NftFamily.Ip6),
        ]),
        ("post", "meta nfproto ipv4 snat ip to 10.0.0.1-10.0.0.9 persistent", [
            .. PacketMatch.SourceIn(NftFamily.Inet, Any4),
            new Immediate(NftValue.Of(IPAddress.Parse("10.0.0.1"))),
            new Immediate(NftValue.Of(IPAddress.Parse("10.0.0.9")), NftRegister.Second),
            new Nat(NatType.Source, NftFamily.Ip) { LastAddress = NftRegister.Second, Flags = NatFlags.Persistent },
        ]),
        ("post", "meta l4proto tcp masquerade to :1024-2047", [
            .. PacketMatch.TransportProtocol(6),
            new Immediate(NftValue.Port(1024)),
            new Immediate(NftValue.Port(2047), NftRegister.Second),
            new Masquerade { Port = NftRegister.First, LastPort = NftRegister.Second },
        ]),
        ("pre", "dnat ip to meta l4proto . th dport map @publish", [
            new Meta(MetaKey.TransportProtocol),
            new Payload(PayloadBase.Transport, 2, 2) { Register = NftRegisters.AtWord(1) },
            new Lookup("publish") { Destination = NftRegister.First },
            new Nat(NatType.Destination, NftFamily.Ip) { Port = NftRegisters.AtWord(1) },
        ]),
        ("pre", "fib daddr type local tcp dport 80 redirect to :8080", [
            new Fib(FibResult.AddressType, FibFlags.DestinationAddress),
            new Cmp(CmpOperation.Equal, NftValue.OfUInt32(2)),
            .. PacketMatch.TransportProtocol(6),
            new Payload(PayloadBase.Transport, 2, 2),
            new Cmp(CmpOperation.Equal, NftValue.Port(80)),
            new Immediate(NftValue.Port(8080)),
            new Redirect { Port = NftRegister.First },
        ]),
        ("forwarding", "ct state established,related accept", [
            .. PacketMatch.ConnectionState(CtState.Established | CtState.Related), new Immediate(NftVerdict.Accept)]),
        ("forwarding", "ct status dnat accept",
            [.. PacketMatch.ConnectionStatus(CtStatus.DestinationNat), new Immediate(NftVerdict.Accept)]),
        ("forwarding", "meta mark & 0x00001000 == 0x00001000 accept",
            [.. PacketMatch.Mark(0x1000, 0x1000), new Immediate(NftVerdict.Accept)]),
        ("forwarding", "meta mark set meta mark | 0x00001000", [
            new Meta(MetaKey.Mark),
            new Bitwise(NftValue.OfUInt32(~0x1000u), NftValue.OfUInt32(0x1000)),
            new Meta(MetaKey.Mark) { Sets = true },
        ]),
        ("forwarding", "ct mark set 0x00000001", [new Immediate(NftValue.OfUInt32(1)), new Ct(CtKey.Mark) { Sets = true }]),
        ("forwarding", "ct original ip daddr 10.0.0.1 accept", [
            new Ct(CtKey.DestinationAddress) { Direction = CtDirection.Original },
            new Cmp(CmpOperation.Equal, NftValue.Of(IPAddress.Parse("10.0.0.1"))),
            new Immediate(NftVerdict.Accept),
        ]),
        ("forwarding", "iifname \"br0\" oifname \"br1\" drop", [
            .. PacketMatch.InputInterface("br0"), .. PacketMatch.OutputInterface("br1"), new Immediate(NftVerdict.Drop)]),
        ("forwarding", "iifname != @ports jump side", [
            new Meta(MetaKey.InputInterfaceName), new Lookup("ports") { IsInverted = true }, new Immediate(NftVerdict.Jump("side"))]),
        ("forwarding", "limit rate over 10/second burst 7 packets counter packets 0 bytes 0 drop", [
            new Limit(10, 1) { Burst = 7, IsInverted = true }, new Counter(), new Immediate(NftVerdict.Drop)]),
        ("forwarding", "tcp option maxseg size set rt mtu", [
            new Rt(RtKey.TcpMss),
            new Byteorder(ByteorderDirection.HostToNetwork, 2, 2),
            new Exthdr(ExthdrProtocol.Tcp, 2, 2, 2) { Sets = true },
        ]),
        ("forwarding", "tcp option maxseg size 1000 accept", [
            new Exthdr(ExthdrProtocol.Tcp, 2, 2, 2),
            new Cmp(CmpOperation.Equal, NftValue.Port(1000)),
            new Immediate(NftVerdict.Accept),
        ]),
        ("forwarding", "reject", [new Reject(RejectType.IcmpxUnreachable, 1)]),
        ("forwarding", "meta l4proto tcp reject with tcp reset", [.. PacketMatch.TransportProtocol(6), new Reject(RejectType.TcpReset, 0)]),
        ("forwarding", "meta mark > 0x00000005 goto side", [
            new Meta(MetaKey.Mark),
            new Byteorder(ByteorderDirection.HostToNetwork, 4, 4),
            new Cmp(CmpOperation.Greater, new NftValue([0, 0, 0, 5])),
            new Immediate(NftVerdict.Goto("side")),
        ]),
        ("forwarding", "ip saddr vmap @verdicts",
            [.. PacketMatch.SourceAddress(NftFamily.Inet, IpFamily.IPv4), Lookup.Verdict("verdicts")]),
    ];

    private static readonly NftChain[] Chains =
    [
        Chain("side", null),
        Chain("post", new NftBaseChain("nat", NftHook.Postrouting, NftPriority.SourceNat)),
        Chain("pre", new NftBaseChain("nat", NftHook.Prerouting, NftPriority.DestinationNat)),
        Chain("forwarding", new NftBaseChain("filter", NftHook.Forward, NftPriority.Filter - 1, NftPolicy.Drop)),
    ];

    public static TheoryData<int> RuleNumbers => [.. Enumerable.Range(0, Rules.Length)];

    [Theory]
    [MemberData(nameof(RuleNumbers))]
    public void Rule_is_listed_reloaded_and_read_back(int number)
    {
        (string chain, string text, NftExpression[] expressions) = Rules[number];
        NftBatch batch = new NftBatch()
            .AddTable(Table)
            .AddSet(Publish)
            .AddSet(new NftSet(Table, "ports", NftDataType.InterfaceName))
            .AddSet(new NftSet(Table, "verdicts", NftDataType.IPv4Address) { ValueType = NftDataType.Verdict });
        foreach (NftChain each in Chains)
            _ = batch.AddChain(each);
        NftRule rule = new(new NftChain(Table, chain), expressions) { Comment = "why" };
        Nft.Execute(batch.AddRule(rule));

        AssertListing($$"""
            table inet t {
            map publish {
            type inet_proto . inet_service : ipv4_addr . inet_service
            }
            set ports {
            type ifname
            }
            map verdicts {
            type ipv4_addr : verdict
            }
            chain side {
            {{Body("side")}}
            chain post {
            type nat hook postrouting priority srcnat; policy accept;
            {{Body("post")}}
            chain pre {
            type nat hook prerouting priority dstnat; policy accept;
            {{Body("pre")}}
            chain forwarding {
            type filter hook forward priority filter - 1; policy drop;
            {{Body("forwarding")}}
            }
            """);
        NftRule actual = Assert.Single(Nft.ListRules(Table));
        Assert.Equal(expressions, actual.Expressions);
        Assert.Equal("why", actual.Comment);

        string Body(string name) => name == chain ? $"{text} comment \"why\"\n}}" : "}";
    }

    [Fact]
    public void Every_kind_of_expression_is_written()
    {
        // nft has no words for what is iptables' own.
        Type[] kinds = [.. typeof(NftExpression).Assembly.GetTypes().Where(
            static type => type.IsSubclassOf(typeof(NftExpression)) && type != typeof(Match))];
        Assert.Equal(
            kinds.Where(static type => type != typeof(UnknownExpression)).Select(static type => type.Name).Order(),
            Rules.SelectMany(static rule => rule.Expressions).Select(static expression => expression.GetType().Name).Distinct().Order());
    }

    [Fact]
    public void Sets_of_every_type_are_listed_reloaded_and_read_back()
    {
        NftSet pairs = Set("pairs", NftDataType.Concat(NftDataType.InterfaceName, NftDataType.EthernetAddress));
        NftSet networks = Set("networks", NftDataType.IPv4Address) with { Flags = NftSetFlags.Interval, Comment = "ours" };
        NftSet networks6 = Set("networks6", NftDataType.IPv6Address) with { Flags = NftSetFlags.Interval };
        NftSet ranges = Set("ranges", NftDataType.Concat(NftDataType.IPv4Address, NftDataType.InetService)) with
        {
            Flags = NftSetFlags.Interval,
            KeyParts = [4, 2],
        };
        NftSet publishAt =
            Set("publishat", NftDataType.Concat(NftDataType.IPv4Address, NftDataType.InetProtocol, NftDataType.InetService)) with
            {
                ValueType = Publish.ValueType,
            };
        NftSet publish6 = Set("publish6", Publish.KeyType) with
        {
            ValueType = NftDataType.Concat(NftDataType.IPv6Address, NftDataType.InetService),
        };
        NftSet marks = Set("marks", NftDataType.Mark) with { ValueType = NftDataType.EthernetAddress };
        _ = MacAddress.TryParse("02:00:00:00:00:01", out MacAddress mac);
        Nft.Execute(new NftBatch()
            .AddTable(Table)
            .AddSet(Publish).AddSet(pairs).AddSet(networks).AddSet(networks6).AddSet(ranges)
            .AddSet(publishAt).AddSet(publish6).AddSet(marks)
            .AddElements(Publish, new NftElement(Port(6, 8080)) { Value = Target("10.1.0.5", 80), Comment = "owner" })
            .AddElements(pairs, new NftElement(NftValue.Concat(NftValue.InterfaceName("veth0"), NftValue.Of(mac))))
            .AddElements(networks, [.. NftElement.Prefix(Prefix("10.0.0.0/8")), .. NftElement.Prefix(Prefix("192.168.1.5/32"))])
            .AddElements(networks6, NftElement.Prefix(Prefix("fd00::/64")))
            .AddElements(ranges, new NftElement(NftValue.Concat(Address("10.0.0.0"), NftValue.Port(80)))
            {
                KeyEnd = NftValue.Concat(Address("10.255.255.255"), NftValue.Port(90)),
            })
            .AddElements(publishAt, new NftElement(NftValue.Concat(Address("192.0.2.1"), NftValue.OfByte(17), NftValue.Port(53)))
            {
                Value = Target("10.1.0.5", 5353),
            })
            .AddElements(publish6, new NftElement(Port(132, 7)) { Value = Target("fd00::5", 7) })
            .AddElements(marks, new NftElement(NftValue.OfUInt32(0x12)) { Value = NftValue.Of(mac) }));
        AssertListing("""
            table inet t {
            map publish {
            type inet_proto . inet_service : ipv4_addr . inet_service
            elements = { tcp . 8080 comment "owner" : 10.1.0.5 . 80 }
            }
            set pairs {
            type ifname . ether_addr
            elements = { "veth0" . 02:00:00:00:00:01 }
            }
            set networks {
            type ipv4_addr
            flags interval
            comment "ours"
            elements = { 10.0.0.0/8, 192.168.1.5 }
            }
            set networks6 {
            type ipv6_addr
            flags interval
            elements = { fd00::/64 }
            }
            set ranges {
            type ipv4_addr . inet_service
            flags interval
            elements = { 10.0.0.0/8 . 80-90 }
            }
            map publishat {
            type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
            elements = { 192.0.2.1 . udp . 53 : 10.1.0.5 . 5353 }
            }
            map publish6 {
            type inet_proto . inet_service : ipv6_addr . inet_service
            elements = { sctp . 7 : fd00::5 . 7 }
            }
            map marks {
            type mark : ether_addr
            elements = { 0x00000012 : 02:00:00:00:00:01 }
            }
            }
            """);
        foreach (NftSet set in new[] { Publish, pairs, networks, networks6, ranges, publishAt, publish6, marks })
        {
            NftSet actual = Nft.FindSet(Table, set.Name)!;
            Assert.Equal(
                (set.KeyType, set.ValueType, set.Flags, set.Comment), (actual.KeyType, actual.ValueType, actual.Flags, actual.Comment));
            Assert.Equal(set.KeyParts, actual.KeyParts);
        }
        Assert.Equal("owner", Nft.FindElement(Publish, Port(6, 8080))?.Comment);
        Assert.Equal(Target("fd00::5", 7), Nft.FindElement(publish6, Port(132, 7))?.Value);
    }

    [Fact]
    public void Open_end_of_the_address_space_is_an_interval_without_an_end()
    {
        NftSet networks = Set("networks", NftDataType.IPv4Address) with { Flags = NftSetFlags.Interval };
        Nft.Execute(new NftBatch().AddTable(Table).AddSet(networks).AddElements(networks, NftElement.Prefix(Prefix("224.0.0.0/3"))));
        AssertListing("table inet t {\nset networks {\ntype ipv4_addr\nflags interval\nelements = { 224.0.0.0/3 }\n}\n}");
    }

    [Fact]
    public void Spoofed_sources_are_dropped_in_the_bridge_family()
    {
        NftSet ports = new(Bridge, "ports", NftDataType.InterfaceName);
        NftSet pairs = new(Bridge, "pairs", NftDataType.Concat(NftDataType.InterfaceName, NftDataType.EthernetAddress));
        NftChain chain = new(Bridge, "pre") { Base = new NftBaseChain("filter", NftHook.Prerouting, NftPriority.BridgeFilter) };
        Nft.Execute(new NftBatch()
            .AddTable(Bridge).AddChain(chain).AddSet(ports).AddSet(pairs)
            .AddRule(new NftRule(
                chain,
                [
                    new Meta(MetaKey.InputInterfaceName),
                    new Lookup("ports"),
                    new Meta(MetaKey.InputInterfaceName),
                    new Payload(PayloadBase.LinkLayer, 6, 6) { Register = NftRegisters.AtWord(4) },
                    new Lookup("pairs") { IsInverted = true },
                    new Immediate(NftVerdict.Drop),
                ]))
            .AddRule(
                new NftRule(chain, [.. PacketMatch.SourceIn(NftFamily.Bridge, Prefix("10.0.0.0/8")), new Immediate(NftVerdict.Accept)])));
        AssertListing("""
            table bridge b {
            set ports {
            type ifname
            }
            set pairs {
            type ifname . ether_addr
            }
            chain pre {
            type filter hook prerouting priority filter; policy accept;
            iifname @ports iifname . ether saddr != @pairs drop
            ip saddr 10.0.0.0/8 accept
            }
            }
            """);
    }

    [Theory]
    [InlineData(NftFamily.Ip)]
    [InlineData(NftFamily.Ip6)]
    public void Tables_of_one_protocol_need_no_match_of_it(NftFamily family)
    {
        bool isIPv6 = family == NftFamily.Ip6;
        NftChain chain = new(new NftTable(family, "t"), "FORWARD") { Base = new NftBaseChain("filter", NftHook.Forward, 0) };
        IpPrefix prefix = Prefix(isIPv6 ? "fd00::/64" : "10.0.0.0/8");
        Nft.Execute(new NftBatch()
            .AddTable(chain.Table)
            .AddChain(chain)
            .AddRule(new NftRule(chain, [.. PacketMatch.SourceIn(family, prefix), new Immediate(NftVerdict.Drop)])));
        string word = isIPv6 ? "ip6" : "ip";
        AssertListing(
            $"table {word} t {{\nchain FORWARD {{\ntype filter hook forward priority filter; policy accept;\n"
            + $"{word} saddr {prefix} drop\n}}\n}}");
    }

    [Fact]
    public void Ingress_chain_hangs_on_its_device()
    {
        NftChain chain = new(Table, "in") { Base = new NftBaseChain("filter", NftHook.Ingress, 0) { Devices = ["lo"] } };
        Nft.Execute(new NftBatch().AddTable(Table).AddChain(chain));
        Assert.Contains(
            "type filter hook ingress device \"lo\" priority filter; policy accept;", NftProgram.List(Namespace), StringComparison.Ordinal);
        Assert.Equal(["lo"], Nft.FindChain(Table, "in")!.Base!.Devices);
    }

    [Fact]
    public void Policy_of_an_existing_chain_changes_and_its_hook_does_not()
    {
        NftChain chain = Chain("forwarding", new NftBaseChain("filter", NftHook.Forward, 0));
        Nft.Execute(new NftBatch().AddTable(Table).AddChain(chain));
        Nft.Execute(new NftBatch().AddChain(chain with { Base = chain.Base! with { Policy = NftPolicy.Drop } }));
        Assert.Equal(NftPolicy.Drop, Nft.FindChain(Table, "forwarding")!.Base!.Policy);
        AssertRefused(
            Errno.EOPNOTSUPP, "add chain inet t forwarding", new NftBatch().AddChain(
                chain with { Base = chain.Base! with { Priority = 1 } }));
    }

    private static NftChain Chain(string name, NftBaseChain? hook) => new(Table, name) { Base = hook };

    private static NftSet Set(string name, NftDataType key) => new(Table, name, key);

    private static NftValue Address(string text) => NftValue.Of(IPAddress.Parse(text));

    private static NftValue Port(byte protocol, ushort port) => NftValue.Concat(NftValue.OfByte(protocol), NftValue.Port(port));

    private static NftValue Target(string address, ushort port) => NftValue.Concat(Address(address), NftValue.Port(port));

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
