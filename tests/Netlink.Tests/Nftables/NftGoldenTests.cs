using System.Net;
using System.Reflection;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using Netlink.Wire;

namespace Netlink.Tests.Nftables;

/// <summary>What we write is what nft writes, and what nft writes we read as what was meant.</summary>
public sealed class NftGoldenTests
{
    private static readonly NftTable Table = new(NftFamily.Inet, "t");
    private static readonly NftChain Post = new(Table, "post");
    private static readonly NftChain Side = new(Table, "side");
    private static readonly NftSet Masq4 = new(Table, "masq4", NftDataType.IPv4Address) { ValueType = NftDataType.Verdict };
    private static readonly NftSet Publish = new(Table, "publish", NftDataType.Concat(NftDataType.InetProtocol, NftDataType.InetService))
    {
        ValueType = NftDataType.Concat(NftDataType.IPv4Address, NftDataType.InetService),
    };

    private static readonly NftSet Ranges = new(Table, "ranges", NftDataType.Concat(NftDataType.IPv4Address, NftDataType.InetService))
    {
        Flags = NftSetFlags.Interval,
        KeyParts = [4, 2],
    };

    private static readonly NftSet Ports = new(Table, "ports", NftDataType.InterfaceName);

    private static readonly Dictionary<string, Case> Tables = new()
    {
        [nameof(GoldenObjects.AddTable)] = Of(Table with { Comment = "pods and ports" }),
    };

    private static readonly Dictionary<string, Case> Chains = new()
    {
        [nameof(GoldenObjects.AddBaseChain)] = Of(Post with
        {
            Base = new NftBaseChain("nat", NftHook.Postrouting, NftPriority.SourceNat),
            Comment = "out",
        }),
        [nameof(GoldenObjects.AddRegularChain)] = Of(Side),
        [nameof(GoldenObjects.AddIngressChain)] = Of(new NftChain(Table, "in")
        {
            Base = new NftBaseChain("filter", NftHook.Ingress, -5, NftPolicy.Drop) { Devices = ["lo"] },
        }),
    };

    private static readonly Dictionary<string, Case> Sets = new()
    {
        [nameof(GoldenObjects.AddSet)] = Of(Ports with { Comment = "bridge ports" }),
        [nameof(GoldenObjects.AddVerdictMap)] = Of(Masq4),
        [nameof(GoldenObjects.AddMarkMap)] = Of(new NftSet(Table, "marks", NftDataType.IPv6Address) { ValueType = NftDataType.Mark }),
        [nameof(GoldenObjects.AddIntervalSet)] = Of(new NftSet(Table, "nets", NftDataType.IPv4Address) { Flags = NftSetFlags.Interval }),
        // nft notes here that the key is a concatenation of it does not know what; it lists the set as well without.
        [nameof(GoldenObjects.AddConcatenatedMap)] = Of(Publish) with { WritesOtherUserData = true },
        [nameof(GoldenObjects.AddConcatenatedIntervalSet)] = Of(Ranges) with { WritesOtherUserData = true },
    };

    private static readonly Dictionary<string, Case> Elements = new()
    {
        [nameof(GoldenElements.AddVerdictElement)] = Of(Masq4, new NftElement(Address("10.1.0.5"))
        {
            Verdict = NftVerdict.Goto("side"),
            Comment = "tag net pod eth0",
        }),
        [nameof(GoldenElements.CreateElement)] = Of(Ports, new NftElement(NftValue.InterfaceName("veth0"))),
        [nameof(GoldenElements.AddConcatenatedElement)] = Of(Publish, new NftElement(
            NftValue.Concat(NftValue.OfByte(6), NftValue.Port(8080)))
        {
            Value = NftValue.Concat(Address("10.1.0.5"), NftValue.Port(80)),
            Comment = "c",
        }),
        [nameof(GoldenElements.AddRangeElement)] = Of(Ranges, new NftElement(NftValue.Concat(Address("10.0.0.0"), NftValue.Port(80)))
        {
            KeyEnd = NftValue.Concat(Address("10.255.255.255"), NftValue.Port(90)),
        }),
    };

    private static readonly Dictionary<string, Case> Rules = new()
    {
        [nameof(GoldenRules.AddVerdictMapRule)] = Of(new NftRule(
            Post, [.. PacketMatch.SourceAddress(NftFamily.Inet, IpFamily.IPv4), Lookup.Verdict("masq4")])
        {
            Comment = "pods",
        }) with
        { LeftOut = ["NFTA_LOOKUP_SET_ID"] },
        [nameof(GoldenRules.AddSubnetRule)] = Of(Rule(Side, [.. To("10.1.0.0/16"), new Immediate(NftVerdict.Return)])),
        [nameof(GoldenRules.AddMulticastRule)] = Of(Rule(Side, [.. To("224.0.0.0/4"), new Immediate(NftVerdict.Return)])),
        [nameof(GoldenRules.AddSubnet6Rule)] = Of(Rule(Side, [.. To("fd00::/64"), new Immediate(NftVerdict.Return)])),
        [nameof(GoldenRules.AddInvertedLookupRule)] = Of(Rule(
            Side,
            new Meta(MetaKey.InputInterfaceName),
            new Lookup("ports") { IsInverted = true },
            new Immediate(NftValue.OfUInt32(0x1000)),
            new Meta(MetaKey.Mark) { Sets = true },
            new Immediate(NftVerdict.Accept))) with
        { LeftOut = ["NFTA_LOOKUP_SET_ID"] },
        [nameof(GoldenRules.AddFibRule)] = Of(Rule(
            Side,
            new Fib(FibResult.AddressType, FibFlags.DestinationAddress),
            new Cmp(CmpOperation.Equal, NftValue.OfUInt32(2)),
            new Immediate(NftVerdict.Drop))),
        [nameof(GoldenRules.AddCtRule)] = Of(Rule(
            Side, [.. PacketMatch.ConnectionState(CtState.Established | CtState.Related), new Immediate(NftVerdict.Accept)])),
        [nameof(GoldenRules.AddCtDirectionRule)] = Of(Rule(
            Side,
            new Ct(CtKey.DestinationAddress) { Direction = CtDirection.Original },
            new Cmp(CmpOperation.Equal, Address("10.0.0.1")),
            new Immediate(NftVerdict.Accept))),
        [nameof(GoldenRules.AddByteorderRule)] = Of(Rule(
            Side,
            new Meta(MetaKey.Mark),
            new Byteorder(ByteorderDirection.HostToNetwork, 4, 4),
            new Cmp(CmpOperation.Greater, new NftValue([0, 0, 0, 5])),
            new Immediate(NftVerdict.Jump("other")))),
        [nameof(GoldenRules.AddMarkRule)] = Of(Rule(Side, [.. PacketMatch.Mark(0x1000, 0x1000), new Immediate(NftVerdict.Accept)])) with
        {
            // Its only value is the one that the kernel assumes.
            LeftOut = ["NFTA_BITWISE_OP"],
        },
        [nameof(GoldenStatements.AddMasqueradeRule)] = Of(Rule(Side, new Counter(), new Masquerade { Flags = NatFlags.FullyRandom })),
        [nameof(GoldenStatements.AddCtMarkRule)] = Of(Rule(Side, new Immediate(NftValue.OfUInt32(1)), new Ct(CtKey.Mark) { Sets = true })),
        [nameof(GoldenStatements.AddLimitRule)] = Of(
            Rule(Side, new Limit(10, 1) { Burst = 7, IsInverted = true }, new Immediate(NftVerdict.Drop))),
        [nameof(GoldenStatements.AddRejectRule)] = Of(Rule(Side, new Reject(RejectType.IcmpxUnreachable, 1))),
        [nameof(GoldenStatements.AddNatMapRule)] = Of(Rule(
            Post,
            new Meta(MetaKey.TransportProtocol),
            new Payload(PayloadBase.Transport, 2, 2) { Register = NftRegisters.AtWord(1) },
            new Lookup("publish") { Destination = NftRegister.First },
            new Nat(NatType.Destination, NftFamily.Ip) { Port = NftRegisters.AtWord(1) })) with
        { LeftOut = ["NFTA_LOOKUP_SET_ID"] },
        [nameof(GoldenStatements.AddNatRule)] = Of(Rule(
            Post,
            [
                .. PacketMatch.TransportProtocol(6),
                new Immediate(Address("10.0.0.1")),
                new Immediate(NftValue.Port(80), NftRegister.Second),
                new Nat(NatType.Source, NftFamily.Ip) { Port = NftRegister.Second },
            ])) with
        {
            // NF_NAT_RANGE_PROTO_SPECIFIED, which the kernel adds by itself.
            LeftOut = ["NFTA_NAT_FLAGS"],
        },
        [nameof(GoldenStatements.AddRedirectRule)] = Of(Rule(
            Post, [.. PacketMatch.TransportProtocol(6), new Immediate(NftValue.Port(80)), new Redirect { Port = NftRegister.First }])),
        [nameof(GoldenStatements.AddMssClampRule)] = Of(Rule(
            Side,
            new Rt(RtKey.TcpMss),
            new Byteorder(ByteorderDirection.HostToNetwork, 2, 2),
            new Exthdr(ExthdrProtocol.Tcp, 2, 2, 2) { Sets = true })),
        [nameof(GoldenStatements.InsertRule)] = new(
            Rule(Side, new Immediate(NftVerdict.Accept)),
            new NftBatch().InsertRule(Rule(Side, new Immediate(NftVerdict.Accept)), before: 8)),
        [nameof(GoldenStatements.ReplaceRule)] = new(
            Rule(Side, new Immediate(NftVerdict.Drop)) with { Handle = 8 },
            new NftBatch().ReplaceRule(Rule(Side, new Immediate(NftVerdict.Drop)) with { Handle = 8 })),
    };

    private static readonly Dictionary<string, Case> Deletions = new()
    {
        [nameof(GoldenDeletions.DeleteRule)] = new("", new NftBatch().DeleteRule(Rule(Side) with { Handle = 8 })),
        [nameof(GoldenDeletions.FlushChain)] = new("", new NftBatch().FlushChain(Side)),
        [nameof(GoldenDeletions.DeleteElement)] = new(
            "", new NftBatch().DeleteElements(Ports, new NftElement(NftValue.InterfaceName("veth0")))),
        [nameof(GoldenDeletions.DeleteSet)] = new("", new NftBatch().DeleteSet(Ports)),
        [nameof(GoldenDeletions.DeleteChain)] = new("", new NftBatch().DeleteChain(Side)),
        [nameof(GoldenDeletions.DeleteTable)] = new("", new NftBatch().DeleteTable(Table)),
    };

    private static readonly Dictionary<string, string> Captures = new Type[]
        {
            typeof(GoldenObjects), typeof(GoldenElements), typeof(GoldenRules), typeof(GoldenStatements), typeof(GoldenDeletions),
        }
        .SelectMany(static type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .ToDictionary(static field => field.Name, static field => (string)field.GetRawConstantValue()!);

    private static readonly Dictionary<string, Case> Cases = new[] { Tables, Chains, Sets, Elements, Rules, Deletions }
        .SelectMany(static cases => cases)
        .ToDictionary();

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Fact]
    public void Every_capture_has_a_case() => Assert.Equal(Captures.Keys.Order(), Cases.Keys.Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Written_as_nft_writes(string name)
    {
        Case golden = Cases[name];
        if (golden.WritesOtherUserData)
        {
            Assert.NotEqual(new GoldenMessage(Captures[name]).Payload, Written(golden.Batch).Payload.ToArray());
            return;
        }
        new GoldenMessage(Captures[name], golden.LeftOut).AssertEqual(Written(golden.Batch));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_as_nft_meant(string name)
    {
        byte[] payload = new GoldenMessage(Captures[name]).Payload;
        object expected = Cases[name].Object;
        switch (expected)
        {
            case NftTable:
                Assert.Equal(expected, NftTable.Read(payload));
                break;
            case NftChain chain:
                NftChain actualChain = NftChain.Read(payload);
                Assert.Equal(chain.Base?.Devices ?? [], actualChain.Base?.Devices ?? []);
                Assert.Equal(
                    chain with { Base = chain.Base is null ? null : chain.Base with { Devices = [] } },
                    actualChain with
                    {
                        Base = actualChain.Base is null ? null : actualChain.Base with { Devices = [] },
                        Table = Table,
                    });
                break;
            case NftSet set:
                NftSet actualSet = NftSet.Read(payload);
                Assert.Equal(set.KeyParts, actualSet.KeyParts);
                Assert.Equal(set with { KeyParts = [] }, actualSet with { KeyParts = [] });
                break;
            case NftRule rule:
                NftRule actualRule = NftRule.Read(payload);
                Assert.Equal(rule.Expressions, actualRule.Expressions);
                Assert.Equal((rule.Chain, rule.Comment, rule.Handle), (actualRule.Chain, actualRule.Comment, actualRule.Handle));
                break;
            case NftElement:
                Assert.Equal(expected, Assert.Single(NftElementList.Read(payload)));
                break;
        }
    }

    [Fact]
    public void Batch_is_framed_and_its_last_operation_acknowledged()
    {
        NetlinkBatch sealedBatch = new NftBatch(generation: 7).AddTable(Table).AddChain(Side).Seal();
        List<(ushort Type, ushort Flags)> messages = [];
        MessageReader reader = new(sealedBatch.Buffer.Written);
        byte[] begin = [];
        while (reader.MoveNext())
        {
            if (messages.Count == 0)
                begin = reader.Payload.ToArray();
            messages.Add((reader.Type, (ushort)reader.Flags));
        }
        // NLM_F_REQUEST 0x1, NLM_F_ACK 0x4, NLM_F_CREATE 0x400
        Assert.Equal([(0x10, 0x1), (0xa00, 0x401), (0xa03, 0x405), (0x11, 0x1)], messages);
        // struct nfgenmsg of the subsystem, NFNL_BATCH_GENID 7
        Assert.Equal("0000000a0800010000000007", Convert.ToHexStringLower(begin));
    }

    private static MessageReader Written(NftBatch batch)
    {
        MessageReader messages = new(batch.Seal().Buffer.Written);
        _ = messages.MoveNext();
        _ = messages.MoveNext();
        return messages;
    }

    private static Case Of(NftTable table) => new(table, new NftBatch().AddTable(table));

    private static Case Of(NftChain chain) => new(chain, new NftBatch().AddChain(chain));

    private static Case Of(NftSet set) => new(set, new NftBatch().AddSet(set));

    private static Case Of(NftRule rule) => new(rule, new NftBatch().AddRule(rule));

    private static Case Of(NftSet set, NftElement element) => new(element, new NftBatch().AddElements(set, element))
    {
        // The kernel finds the set by its name.
        LeftOut = ["NFTA_SET_ELEM_LIST_SET_ID"],
    };

    private static NftRule Rule(NftChain chain, params NftExpression[] expressions) => new(chain, expressions);

    private static NftValue Address(string text) => NftValue.Of(IPAddress.Parse(text));

    private static NftExpression[] To(string prefix) =>
        PacketMatch.DestinationIn(
            NftFamily.Inet, IpPrefix.TryParse(prefix, out IpPrefix parsed) ? parsed : throw new FormatException(prefix));

    private sealed record Case(object Object, NftBatch Batch)
    {
        public string[] LeftOut { get; init; } = [];

        public bool WritesOtherUserData { get; init; }
    }
}
