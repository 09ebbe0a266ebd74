using Agent.Api;
using CniAgent.Mtu;

namespace CniAgent.Tests.Mtu;

public sealed class PathMtuTests
{
    private static PathMtu Path(int? underlay, int? overlay, int overhead = 50) =>
        PathMtu.Of(new MtuPath("node2", overhead > 0 ? "vxlan" : "direct", "192.0.2.2", overhead, []), underlay, overlay);

    [Theory]
    [InlineData(1500, 1450, 50, 1450)]
    [InlineData(1500, null, 0, 1500)]
    // The tunnel's own packets are fragmented on the way, so that more passes through it than the underlay carries whole.
    [InlineData(1400, 1450, 50, 1350)]
    // Echo requests to the node itself are dropped.
    [InlineData(null, 1430, 50, 1430)]
    [InlineData(null, null, 50, null)]
    public void What_fits_is_the_least_of_both(int? underlay, int? overlay, int overhead, int? fits) =>
        Assert.Equal(fits, Path(underlay, overlay, overhead).Fits);

    [Fact]
    public void Remedy_is_an_MTU_that_can_be_set()
    {
        Assert.Null(Path(1500, 1450).FindProblem(1450));
        Assert.Contains("set mtu: 1350 in", Path(1400, 1350).FindProblem(1450), StringComparison.Ordinal);
        Assert.Contains("must carry 1330 bytes", Path(1200, 1150).FindProblem(1450), StringComparison.Ordinal);
        Assert.Contains("let ICMP through", Path(null, null).FindProblem(1450), StringComparison.Ordinal);
    }
}
