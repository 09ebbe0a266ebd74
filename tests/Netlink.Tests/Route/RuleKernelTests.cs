using Linux;
using Linux.Addresses;
using Netlink.Route;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using TestKit;

namespace Netlink.Tests.Route;

public sealed class RuleKernelTests : KernelTest
{
    [Theory]
    [InlineData("10.1.0.5/32", "192.0.2.0/24")]
    [InlineData("fd00::5/128", "2001:db8::/32")]
    public void Everything_of_a_rule_is_read_back(string source, string destination)
    {
        RuleSpec rule = new()
        {
            Family = source.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4,
            Priority = 1234,
            Source = Prefix(source),
            Destination = Prefix(destination),
            InputName = "eth0",
            OutputName = "eth1",
            Mark = 0x10,
            MarkMask = 0xf0,
            Action = RuleAction.ToTable,
            Table = 4000,
            Protocol = RouteProtocol.Static,
        };
        Client.Execute(new RouteBatch().AddRule(rule));
        Assert.Contains(rule, Client.ListRules(rule.Family));
        NetlinkException refusal = Assert.Throws<NetlinkException>(() => Client.Execute(new RouteBatch().AddRule(rule)));
        Assert.Equal((Errno.EEXIST, $"add rule from {source} to {destination} table 4000"), (refusal.Errno, refusal.Operation));
        Client.Execute(new RouteBatch().DeleteRule(rule));
        Assert.DoesNotContain(rule, Client.ListRules(rule.Family));
    }

    [Fact]
    public void A_rule_needs_little_more_than_a_table()
    {
        Client.Execute(new RouteBatch().AddRule(new RuleSpec { Family = IpFamily.IPv4, Source = Prefix("10.1.0.5/32"), Table = 100 }));
        RuleSpec rule = Client.ListRules(IpFamily.IPv4).Single(r => r.Table == 100);
        Assert.Equal((Prefix("10.1.0.5/32"), RuleAction.ToTable), (rule.Source, rule.Action));
        Assert.True(rule.Priority is > 0 and < 32766);
    }

    [Fact]
    public void Every_namespace_has_the_kernels_rules_of_both_families()
    {
        Assert.Equal<uint?>(
            [RouteTable.Local, RouteTable.Main, RouteTable.Default], Client.ListRules(IpFamily.IPv4).Select(rule => rule.Table));
        Assert.Equal(5, Client.ListRules().Count);
    }

    [Fact]
    public void A_rule_that_does_not_exist_is_ENOENT()
    {
        RouteBatch batch = new RouteBatch().DeleteRule(new RuleSpec { Family = IpFamily.IPv4, Table = 4711 });
        Assert.Equal(Errno.ENOENT, Assert.Throws<NetlinkException>(() => Client.Execute(batch)).Errno);
    }

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException(text);
}
