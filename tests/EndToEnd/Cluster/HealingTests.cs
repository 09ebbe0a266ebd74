using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>What somebody breaks in the kernel is whole again in a moment.</summary>
public sealed class HealingTests : IDisposable
{
    private const string State = """
        ip -br link show type vxlan | awk '{ print $1 }'
        ip route show proto 67; ip -6 route show proto 67
        if [[ -e /sys/class/net/cni-vx0 ]]; then
          bridge fdb show dev cni-vx0
          ip neighbour show dev cni-vx0 nud permanent
          ip -6 neighbour show dev cni-vx0 nud permanent
        fi || true
        nft --stateless list ruleset
        """;

    // Far more than the second that it should take: that this machine is busy is no failure of the agent's.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _host;
    private readonly Pod _here;
    private readonly Pod _there;

    public HealingTests()
    {
        _cluster.CreatePods("vxlan");
        _host = _cluster.Hosts[0];
        (_here, _there) = (_host.Attach("here"), _cluster.Hosts[1].Attach("there"));
        AssertWhole();
    }

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData("ip link delete cni-vx0")]
    [InlineData("ip link set cni-vx0 down")]
    [InlineData("ip route flush proto 67; ip -6 route flush proto 67")]
    [InlineData("ip neighbour flush dev cni-vx0 nud permanent; ip -6 neighbour flush dev cni-vx0 nud permanent")]
    [InlineData("nft flush ruleset")]
    public void Damage_is_mended(string damage)
    {
        string whole = Own();

        _ = _host.Script(damage);

        ClusterSandbox.Until("all is there again", () => Own() == whole, () => $"{whole}\nbefore, now:\n{Own()}", s_patience);
        AssertWhole();
        // And only then, so that an agent that did not have to do anything would not be praised.
        _host.KillAgent();
        _ = _host.Script(damage);
        Assert.NotEqual(whole, Own());
    }

    [Fact]
    public void Agent_that_starts_mends_what_was_broken_meanwhile()
    {
        string whole = Own();
        _host.KillAgent();
        _ = _host.Script("ip link delete cni-vx0; ip route flush proto 67; nft flush ruleset");
        _here.AssertDoesNotReach(_there.Address());

        _host.StartAgent();
        ClusterSandbox.Until("all is there again", () => Own() == whole, () => $"{whole}\nbefore, now:\n{Own()}");
        AssertWhole();
    }

    private void AssertWhole()
    {
        // The first packets may be lost: IPv6 forwards nothing onto a link whose own link-local address is still tentative.
        foreach (IpFamily family in IpFamily.Both)
        {
            ClusterSandbox.Until("pods reach each other", () => _here.Reaches(_there.Address(family)), _host.Describe, s_patience);
            ClusterSandbox.Until("pods reach each other", () => _there.Reaches(_here.Address(family)), _host.Describe, s_patience);
        }
    }

    private string Own() => _host.Script(State);
}
