using System.Net;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using Netlink.Wire;

namespace Netlink.Tests.Nftables;

/// <summary>Reading what others have made.</summary>
public sealed class NftDumpTests
{
    private static readonly NftTable Odd = new(NftFamily.Inet, "o");

    private delegate object Reader(ReadOnlySpan<byte> payload);

    public static TheoryData<string> Dumps =>
    [
        nameof(GoldenDumps.Table),
        nameof(GoldenDumps.Chain),
        nameof(GoldenDumps.Map),
        nameof(GoldenDumps.IptablesRule),
        nameof(GoldenDumps.CommentedRule),
        nameof(GoldenDumps.OddRule),
        nameof(GoldenDumps.Elements),
    ];

    [Fact]
    public void Table_is_read() =>
        Assert.Equal(Odd with { Comment = "theirs", Use = 2, Handle = 3 }, NftTable.Read(Payload(GoldenDumps.Table)));

    [Fact]
    public void Chain_of_iptables_is_read()
    {
        NftChain chain = NftChain.Read(Payload(GoldenDumps.Chain));
        Assert.Equal(("ip filter FORWARD", 1u, 1ul), (chain.ToString(), chain.Use, chain.Handle));
        NftBaseChain hook = chain.Base!;
        Assert.Equal(("filter", NftHook.Forward, 0, NftPolicy.Drop), (hook.Type, hook.Hook, hook.Priority, hook.Policy));
    }

    [Fact]
    public void Map_is_read()
    {
        NftSet map = NftSet.Read(Payload(GoldenDumps.Map));
        Assert.Empty(map.KeyParts);
        Assert.Equal(
            new NftSet(Odd, "m", NftDataType.IPv4Address)
            {
                ValueType = NftDataType.Verdict,
                Flags = NftSetFlags.Timeout,
                Handle = 2,
                KeyParts = map.KeyParts,
            },
            map);
    }

    [Fact]
    public void Target_of_iptables_is_kept_as_it_is()
    {
        NftRule rule = NftRule.Read(Payload(GoldenDumps.IptablesRule));
        Assert.Equal(("ip nat POSTROUTING handle 2", (string?)null), (rule.ToString(), rule.Comment));
        _ = IpPrefix.TryParse("10.0.0.0/8", out IpPrefix prefix);
        Assert.Equal([.. PacketMatch.SourceIn(NftFamily.Ip, prefix), new Counter()], rule.Expressions.Take(3));
        UnknownExpression target = Assert.IsType<UnknownExpression>(rule.Expressions[3]);
        Assert.Equal("target", target.Name);
        // NFTA_TARGET_NAME
        Assert.Equal("0f0001004d41535155455241444500", target.Data.ToString()[..30]);
    }

    [Fact]
    public void Comment_of_iptables_is_read()
    {
        NftRule rule = NftRule.Read(Payload(GoldenDumps.CommentedRule));
        _ = IpPrefix.TryParse("10.5.0.2/32", out IpPrefix source);
        Match match = Assert.IsType<Match>(rule.Expressions[2]);
        Assert.Equal(("match", "comment", 0u, 256), (match.Name, match.Extension, match.Revision, match.Info.Length));
        Assert.Equal("name: \"mynet\" id: \"c1\"", match.Comment);
        Assert.Equal(
            [.. PacketMatch.SourceIn(NftFamily.Ip, source), match, new Counter(), new Immediate(NftVerdict.Accept)], rule.Expressions);
        Assert.Null(new Match("conntrack", 3, match.Info).Comment);
    }

    [Fact]
    public void Match_of_iptables_is_written_as_it_was_read()
    {
        NftRule rule = NftRule.Read(Payload(GoldenDumps.CommentedRule));
        NetlinkBatch batch = new NftBatch().AddRule(rule).Seal();
        MessageReader messages = new(batch.Buffer.Written);
        _ = messages.MoveNext();
        _ = messages.MoveNext();
        Assert.Equal(MatchData(Payload(GoldenDumps.CommentedRule)), MatchData(messages.Payload));

        // From NFTA_MATCH_NAME to the end of NFTA_MATCH_INFO; around it the kernel writes no NLA_F_NESTED.
        static byte[] MatchData(ReadOnlySpan<byte> payload) => payload[(payload.IndexOf("comment"u8) - 4)..][..(0xc + 8 + 0x104)].ToArray();
    }

    [Fact]
    public void Unknown_expressions_are_written_as_they_were_read()
    {
        NftRule rule = NftRule.Read(Payload(GoldenDumps.OddRule));
        Assert.Equal(["log", "quota", "numgen", "cmp", "immediate"], rule.Expressions.Select(static expression => expression.Name));
        Assert.Equal("odd", rule.Comment);
        NetlinkBatch batch = new NftBatch().AddRule(rule).Seal();
        MessageReader messages = new(batch.Buffer.Written);
        _ = messages.MoveNext();
        _ = messages.MoveNext();
        Assert.True(rule.HasSameExpressionsAs(NftRule.Read(messages.Payload)));
    }

    [Fact]
    public void Known_expression_of_a_shape_that_is_not_known_is_kept_as_it_is()
    {
        MessageBuffer buffer = new();
        NetlinkWriter writer = new(buffer);
        // NFTA_EXPR_NAME, and NFTA_EXPR_DATA with an NFTA_META_KEY of eight bytes
        writer.WriteStringAttribute(1, "meta");
        int data = writer.BeginNest(2);
        writer.WriteUInt64Attribute(2, 1);
        writer.EndNest(data);
        UnknownExpression expression = Assert.IsType<UnknownExpression>(NftExpression.ReadElement(new AttributeReader(buffer.Written)));
        Assert.Equal(("meta", 12), (expression.Name, expression.Data.Length));
    }

    [Fact]
    public void Element_is_read() => Assert.Equal(
        [new NftElement(NftValue.Of(IPAddress.Parse("10.0.0.1"))) { Verdict = NftVerdict.Jump("c"), Comment = "c" }],
        NftElementList.Read(Payload(GoldenDumps.Elements)));

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Cut_off_anywhere_it_is_an_error_of_format_or_less_is_read(string name)
    {
        (string text, Reader read) = name switch
        {
            nameof(GoldenDumps.Table) => (GoldenDumps.Table, new Reader(NftTable.Read)),
            nameof(GoldenDumps.Chain) => (GoldenDumps.Chain, NftChain.Read),
            nameof(GoldenDumps.Map) => (GoldenDumps.Map, NftSet.Read),
            nameof(GoldenDumps.IptablesRule) => (GoldenDumps.IptablesRule, NftRule.Read),
            nameof(GoldenDumps.CommentedRule) => (GoldenDumps.CommentedRule, NftRule.Read),
            nameof(GoldenDumps.OddRule) => (GoldenDumps.OddRule, NftRule.Read),
            _ => (GoldenDumps.Elements, NftElementList.Read),
        };
        byte[] payload = Payload(text);
        int errors = 0;
        for (int length = 0; length < payload.Length; length++)
        {
            try
            {
                _ = read(payload.AsSpan(0, length));
            }
            catch (WireFormatException)
            {
                errors++;
            }
        }
        Assert.InRange(errors, payload.Length / 2, payload.Length);
    }

    [Fact]
    public void Foreign_user_data_is_no_error()
    {
        Assert.Null(NftUserData.ReadComment([]));
        Assert.Null(NftUserData.ReadComment([0]));
        Assert.Null(NftUserData.ReadComment([0, 200, 1, 2]));
        Assert.Null(NftUserData.ReadComment([1, 1, 7]));
        Assert.Equal("a", NftUserData.ReadComment([1, 1, 7, 0, 2, (byte)'a', 0]));
        Assert.Equal((NftByteOrder.None, NftByteOrder.None), NftUserData.ReadSetByteOrders([0, 1, 2]));
    }

    private static byte[] Payload(string capture) => new GoldenMessage(capture).Payload;
}
