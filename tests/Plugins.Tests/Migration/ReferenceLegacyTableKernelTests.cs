using Plugins.Migration;
using TestKit;

namespace Plugins.Tests.Migration;

public sealed class ReferenceLegacyTableKernelTests : ReferenceStateKernelTest
{
    [Theory]
    [InlineData("iptables-legacy")]
    [InlineData("ip6tables-legacy")]
    public void A_table_that_may_hold_rules_is_told(string program)
    {
        _ = Reference.Shell($"{program} -t nat -N CNI-0123456789abcdef01234567");

        string warning = Assert.Single(Warnings("nat"));

        Assert.All(
            ["warning", "nat", "pods", "iptables-legacy -t nat -S"], word => Assert.Contains(word, warning, StringComparison.Ordinal));
        Assert.Empty(Warnings("filter"));
    }

    [Fact]
    public void Nothing_is_told_where_there_is_none()
    {
        _ = Reference.Shell("iptables-nft -t nat -N CNI-0123456789abcdef01234567");
        Assert.Empty(Warnings("nat"));
    }

    private List<string> Warnings(string table)
    {
        FakeHost host = HostFor("DEL", "", "c1", "eth0");
        return InCall(host, call =>
        {
            ReferenceCleanup.WarnOfLegacyTable(call, table);
            return host.Errors;
        });
    }
}
