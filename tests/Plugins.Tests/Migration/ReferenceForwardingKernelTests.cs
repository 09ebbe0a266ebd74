using Linux.Addresses;
using Plugins.Migration;

namespace Plugins.Tests.Migration;

public sealed class ReferenceForwardingKernelTests : ReferenceStateKernelTest
{
    [Theory]
    [InlineData("open")]
    [InlineData("same-bridge")]
    public void DEL_leaves_iptables_as_it_was_before_the_ADD(string policy)
    {
        string members = $"\"ingressPolicy\": \"{policy}\"";
        _ = Reference.Attach("c1");
        Reference.Chain("firewall", members, "c1");
        string before = Reference.Rules("filter");
        IpPrefix[] addresses = Reference.Attach("c2");
        Reference.Chain("firewall", members, "c2");
        string added = string.Join('\n', Reference.Rules("filter").Split('\n').Except(before.Split('\n')));
        Assert.Equal(4, added.Split('\n').Length);

        Del("c2", _ => ReferenceForwarding.Of(addresses));

        Assert.Equal(before, Reference.Rules("filter"));
    }

    [Fact]
    public void Rules_of_an_administrator_stay()
    {
        IpPrefix[] addresses = Reference.Attach("c1");
        Reference.Chain("firewall", "\"backend\": \"iptables\"", "c1");
        _ = Reference.Shell(
            "iptables-nft -A CNI-FORWARD -s 10.5.0.2 -p tcp --dport 80 -j ACCEPT && iptables-nft -A CNI-FORWARD -d 10.5.0.2 -j ACCEPT && "
            + "iptables-nft -A CNI-FORWARD -s 10.5.0.2 -j DROP");

        Del("c1", _ => ReferenceForwarding.Of(addresses));

        string rules = Reference.Rules("filter");
        Assert.Equal(3, rules.Split('\n').Count(static line => line.Contains("10.5.0.2", StringComparison.Ordinal)));
        Assert.DoesNotContain("fd05::2", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_go_by_is_nothing_to_do()
    {
        _ = Reference.Attach("c1");
        Reference.Chain("firewall", "\"backend\": \"iptables\"", "c1");
        string before = Reference.Rules("filter");
        Del("c1", static _ => ReferenceForwarding.Of([]));
        Assert.Equal(before, Reference.Rules("filter"));
    }
}
