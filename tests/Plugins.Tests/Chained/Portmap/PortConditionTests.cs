using Cni;
using Linux.Addresses;
using Netlink.Nftables;
using Plugins.Chained.Portmap;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

public sealed class PortConditionTests : KernelTest
{
    private static PortCondition Parse(string text) =>
        PortConditionParser.Parse(
            "conditionsV4", text.Split(' '), text.Contains("ip6", StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4)!;

    /// <summary>nft's own expressions for rules.</summary>
    private List<NftRule> Theirs(IEnumerable<string> rules)
    {
        NftProgram.Load(Namespace, $$"""
            table inet t {
                chain c {
            {{string.Join('\n', rules)}}
                }
            }
            """);
        using NftClient nft = NftClient.Open(Namespace);
        return nft.ListRules(new NftTable(NftFamily.Inet, "t"));
    }

    [Theory]
    [InlineData("ip saddr 10.0.0.0/8")]
    [InlineData("ip saddr 10.1.2.3")]
    [InlineData("ip saddr == 10.1.2.0/23")]
    [InlineData("ip saddr != 10.1.2.0/23")]
    [InlineData("ip saddr != 10.0.0.0/8")]
    [InlineData("ip daddr ne 192.0.2.1")]
    [InlineData("ip6 saddr fd00::/8")]
    [InlineData("ip6 daddr != fd00::1")]
    [InlineData("iifname \"eth0\"")]
    [InlineData("iifname eth0")]
    [InlineData("meta iifname != \"eth0\"")]
    [InlineData("iifname \"eth*\"")]
    [InlineData("meta mark 0x10")]
    [InlineData("mark != 16")]
    [InlineData("meta mark and 0xff == 1")]
    [InlineData("meta mark & 0xff != 0x1")]
    [InlineData("iifname \"eth0\" ip saddr 10.0.0.0/8 meta mark 1")]
    public void Rule_is_the_one_that_nft_makes(string condition) =>
        Assert.Equal(Assert.Single(Parse(condition).Alternatives), Theirs([condition + " accept"])[0].Expressions.SkipLast(1));

    [Theory]
    [InlineData("ip saddr { 10.0.0.0/8, 192.168.0.0/16 }", new[] { "ip saddr 10.0.0.0/8", "ip saddr 192.168.0.0/16" })]
    [InlineData("ip saddr {10.0.0.1,10.0.0.2}", new[] { "ip saddr 10.0.0.1", "ip saddr 10.0.0.2" })]
    [InlineData("ip saddr != { 10.0.0.1, 10.0.0.2 }", new[] { "ip saddr != 10.0.0.1 ip saddr != 10.0.0.2" })]
    [InlineData(
        "iifname { eth0, eth1 } mark { 1, 2 }",
        new[] { "iifname eth0 mark 1", "iifname eth0 mark 2", "iifname eth1 mark 1", "iifname eth1 mark 2" })]
    public void List_is_a_rule_for_each_value(string condition, string[] rules) => Assert.Equal(
        rules.Select(rule => Assert.Single(Parse(rule).Alternatives)),
        Parse(condition).Alternatives);

    [Fact]
    public void Tokens_may_stand_alone_or_together()
    {
        PortCondition apart = PortConditionParser.Parse("conditionsV4", ["ip", "saddr", "{10.0.0.1,", "10.0.0.2", "}"], IpFamily.IPv4)!;
        PortCondition together = PortConditionParser.Parse("conditionsV4", ["ip  saddr { 10.0.0.1 , 10.0.0.2}"], IpFamily.IPv4)!;
        Assert.Equal((apart.Text, apart.Id), (together.Text, together.Id));
        Assert.Matches("^[0-9a-f]{8}$", apart.Id);
        Assert.NotEqual(apart.Id, Parse("ip saddr 10.0.0.1").Id);
    }

    [Fact]
    public void Nothing_is_no_condition()
    {
        Assert.Null(PortConditionParser.Parse("conditionsV4", [], IpFamily.IPv4));
        Assert.Null(PortConditionParser.Parse("conditionsV4", ["", " "], IpFamily.IPv4));
    }

    [Theory]
    [InlineData("tcp dport 80", "tcp", "ip saddr")]
    [InlineData("ip protocol tcp", "protocol", "ip saddr")]
    [InlineData("ip6 saddr fd00::1", "ip6", "use ip here")]
    [InlineData("ip saddr fd00::1", "fd00::1", "no IPv4 address")]
    [InlineData("ip saddr 10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9", "no IPv4 address")]
    [InlineData("ip saddr 0.0.0.0/0", "0.0.0.0/0", "longer than 0")]
    [InlineData("ip saddr @known", "@known", "no IPv4 address")]
    [InlineData("ip saddr { 10.0.0.1 10.0.0.2 }", "10.0.0.2", "comma")]
    [InlineData("ip saddr { 10.0.0.1", "10.0.0.1", "too early")]
    [InlineData("ip saddr", "saddr", "too early")]
    [InlineData("iif eth0", "iif", "iifname")]
    [InlineData("oifname eth0", "oifname", "iifname")]
    [InlineData("iifname \"an-interface-too-long\"", "an-interface-too-long", "no name")]
    [InlineData("meta mark x", "x", "no number")]
    [InlineData("meta mark 0x1ffffffff", "0x1ffffffff", "no number")]
    [InlineData("ip saddr 10.0.0.1 accept", "accept", "ip saddr")]
    public void Rest_of_nft_is_refused_naming_the_token(string condition, string token, string word) => TestCall.AssertFails(
        CniErrorCode.UnsupportedField,
        ["conditionsV4", token, word],
        () => PortConditionParser.Parse("conditionsV4", [condition], IpFamily.IPv4));
}
