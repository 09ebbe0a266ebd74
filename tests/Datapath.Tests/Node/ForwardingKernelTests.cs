using Datapath.Node;
using Linux.Kernel;
using TestKit;

namespace Datapath.Tests.Node;

public sealed class ForwardingKernelTests : NodeKernelTest
{
    private const string IPv4 = "net/ipv4/ip_forward";
    private const string IPv6 = "net/ipv6/conf/all/forwarding";

    [Theory]
    [InlineData("10.1.2.5/24", "1", "0")]
    [InlineData("fd00::5/64", "0", "1")]
    [InlineData("10.1.2.5/24 fd00::5/64", "1", "1")]
    [InlineData("", "0", "0")]
    public void Only_families_of_the_addresses_are_forwarded(string addresses, string ipv4, string ipv6)
    {
        (string?, string?) settings = Node.Run(() =>
        {
            Sysctl.Write(IPv4, "0");
            Sysctl.Write(IPv6, "0");
            Forwarding.EnableFor([.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TestCall.Prefix)]);
            return (Sysctl.TryRead(IPv4), Sysctl.TryRead(IPv6));
        });
        Assert.Equal((ipv4, ipv6), settings);
    }
}
