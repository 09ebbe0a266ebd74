using Cni;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;
using Plugins.Chained.Portmap;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

public sealed class IptablesConditionTests : KernelTest
{
    private static PortCondition Parse(params string[] tokens) =>
        PortConditionParser.Parse(
            "conditionsV4",
            tokens,
            tokens.Any(static token => token.Contains("fd00", StringComparison.Ordinal)) ? IpFamily.IPv6 : IpFamily.IPv4)!;

    /// <summary>nft's own expressions for a match.</summary>
    private IEnumerable<NftExpression> Theirs(string match)
    {
        NftProgram.Load(Namespace, $$"""
            flush ruleset
            table inet t {
                chain c {
                    {{match}} accept
                }
            }
            """);
        using NftClient nft = NftClient.Open(Namespace);
        return Assert.Single(nft.ListRules(new NftTable(NftFamily.Inet, "t"))).Expressions.SkipLast(1);
    }

    [Theory]
    [InlineData("-s 10.0.0.0/8", "ip saddr 10.0.0.0/8")]
    [InlineData("-s 10.1.2.3", "ip saddr 10.1.2.3")]
    [InlineData("--source 10.0.0.0/255.240.0.0", "ip saddr 10.0.0.0/12")]
    [InlineData("-s10.0.0.0/8", "ip saddr 10.0.0.0/8")]
    [InlineData("! -s 10.1.2.0/23", "ip saddr != 10.1.2.0/23")]
    [InlineData("--dst=fd00::/8", "ip6 daddr fd00::/8")]
    [InlineData("-p tcp", "meta l4proto tcp")]
    [InlineData("! -p 17", "meta l4proto != udp")]
    [InlineData("-p udp --sport 53", "udp sport 53")]
    [InlineData("-p tcp --dport 80:90", "tcp dport 80-90")]
    [InlineData("-m tcp --dport 1024:", "tcp dport 1024-65535")]
    [InlineData("--dport 80", "th dport 80")]
    [InlineData("! --dport 80", "th dport != 80")]
    [InlineData("-m multiport ! --dports 80,443", "th dport != 80 th dport != 443")]
    [InlineData("-i eth0", "iifname eth0")]
    [InlineData("-i eth+", "iifname \"eth*\"")]
    [InlineData("! -i eth0", "iifname != eth0")]
    [InlineData("! --out-interface lo", "oifname != lo")]
    [InlineData("-m mark --mark 16", "meta mark 0x10")]
    [InlineData("-m mark ! --mark 0x4000/0x4000", "meta mark and 0x4000 != 0x4000")]
    [InlineData("-m connmark --mark 0x1/0xff", "ct mark and 0xff == 1")]
    [InlineData("-m addrtype --dst-type LOCAL", "fib daddr type local")]
    [InlineData("-m addrtype ! --src-type local,multicast", "fib saddr type != local fib saddr type != multicast")]
    [InlineData("-m iprange --src-range 10.0.0.1-10.0.0.9", "ip saddr 10.0.0.1-10.0.0.9")]
    [InlineData("-m conntrack --ctstate NEW,RELATED", "ct state new,related")]
    [InlineData("-i eth0 -m comment --comment note -s 10.0.0.0/8 -m mark --mark 1", "iifname eth0 ip saddr 10.0.0.0/8 meta mark 1")]
    public void Option_is_the_match_that_nft_makes(string condition, string match) =>
        Assert.Equal(Theirs(match), Assert.Single(Parse(condition.Split(' ')).Alternatives));

    [Theory]
    [InlineData("-d 192.0.2.1,192.0.2.0/28", "ip daddr 192.0.2.1", "ip daddr 192.0.2.0/28")]
    [InlineData("-m multiport --dports 80,443,8000:8080", "th dport 80", "th dport 443", "th dport 8000-8080")]
    [InlineData("! --dport 80:90", "th dport < 80", "th dport > 90")]
    [InlineData(
        "-s 10.0.0.1,10.0.0.2 -m addrtype --dst-type LOCAL",
        "ip saddr 10.0.0.1 fib daddr type local",
        "ip saddr 10.0.0.2 fib daddr type local")]
    public void Values_are_alternatives(string condition, params string[] matches) =>
        Assert.Equal(matches.Select(Theirs), Parse(condition.Split(' ')).Alternatives);

    [Fact]
    public void Values_that_are_turned_round_must_all_not_be() => Assert.Equal(
        [.. Theirs("ip daddr != 192.0.2.1"), .. Theirs("ip daddr != 192.0.2.2")],
        Assert.Single(Parse("!", "-d", "192.0.2.1,192.0.2.2").Alternatives));

    [Theory]
    [InlineData("-s 0.0.0.0/0")]
    [InlineData("-i +")]
    [InlineData("-m comment --comment all")]
    public void What_every_connection_meets_is_no_match(string condition) =>
        Assert.Empty(Assert.Single(Parse(condition.Split(' ')).Alternatives));

    [Fact]
    public void Comment_may_have_spaces_and_tokens_may_stand_together()
    {
        PortCondition apart = Parse("-m", "comment", "--comment", "only -d these", "!", "-d", "192.0.2.1");
        Assert.Equal(Theirs("ip daddr != 192.0.2.1"), Assert.Single(apart.Alternatives));
        Assert.Equal(Parse("!", "-d", "192.0.2.1").Id, Parse("! -d 192.0.2.1").Id);
    }

    [Theory]
    [InlineData("-m set --match-set known src", "set")]
    [InlineData("! -m set", "-m")]
    [InlineData("-m mac --mac-source 02:00:00:00:00:01", "mac")]
    [InlineData("-j ACCEPT", "-j")]
    [InlineData("-s 10.0.0.1 accept", "accept")]
    [InlineData("-s host.example", "host.example", "no IPv4 address")]
    [InlineData("-s fd00::1,10.0.0.1", "10.0.0.1", "no IPv6 address")]
    [InlineData("-s 10.0.0.0/255.0.255.0", "10.0.0.0/255.0.255.0", "no IPv4 address")]
    [InlineData("! -s 0.0.0.0/0", "0.0.0.0/0", "met by no packet")]
    [InlineData("! -i +", "+", "met by no packet")]
    [InlineData("-d ! 192.0.2.1", "!", "no IPv4 address")]
    [InlineData("--dport http", "http", "no port")]
    [InlineData("--dport 65536", "65536", "no port")]
    [InlineData("--dport 90:80", "90:80", "ends before")]
    [InlineData("-m mark --mark x", "x", "no number")]
    [InlineData("-p icmp", "icmp", "tcp, udp, sctp")]
    [InlineData("-m conntrack --ctstate DNAT", "DNAT", "state")]
    [InlineData("-m addrtype --dst-type NAT", "NAT", "type")]
    [InlineData("-i an-interface-too-long", "an-interface-too-long", "no name")]
    [InlineData("-s", "-s", "too early")]
    [InlineData("!", "!", "too early")]
    public void Rest_of_iptables_is_refused_naming_the_token(string condition, string token, string word = "") => TestCall.AssertFails(
        CniErrorCode.UnsupportedField, ["conditionsV4", token, word], () => Parse(condition.Split(' ')));
}
