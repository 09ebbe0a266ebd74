using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd;

public sealed class PodmanTests : IDisposable
{
    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly Podman _podman;

    public PodmanTests()
    {
        _podman = Podman.In(_sandbox);
        _ = _podman.Run("network", "create", "--disable-dns", "--ipv6", "--subnet=10.33.0.0/24", "--subnet=fd00:33::/64", "pods");
    }

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Containers_reach_each_other_their_gateway_and_the_outside()
    {
        Pod first = _podman.RunContainer("first", "pods");
        Pod second = _podman.RunContainer("second", "pods");

        new PodNetwork(_sandbox.Run("cat", "/run/podman-networks/pods.conflist")).AssertServes(_sandbox, first, second);
    }

    [Fact]
    public void A_container_asks_for_its_address_and_mac()
    {
        Pod pod = _podman.RunContainer("fixed", "pods", "--ip=10.33.0.77", "--mac-address=02:00:00:00:00:77");

        Assert.Equal("10.33.0.77", pod.Address());
        Assert.Contains("02:00:00:00:00:77", pod.Run("ip", "link", "show", "dev", "eth0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Removed_containers_leave_nothing()
    {
        _ = _podman.RunContainer("shared", "pods");
        _podman.RemoveContainer("shared");
        NodeState before = NodeState.Of(_sandbox);

        Pod first = _podman.RunContainer("first", "pods");
        Pod second = _podman.RunContainer("second", "pods");
        _podman.RemoveContainer("first");
        _podman.RemoveContainer("second");

        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf(first.ContainerId);
        after.AssertNoTraceOf(second.ContainerId);
    }
}
