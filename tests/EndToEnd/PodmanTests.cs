using System.Net.Sockets;
using EndToEnd.Runtimes;
using EndToEnd.Sandbox;
using Linux.Namespaces;

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

    // podman hands the ports of a container to each of its networks.
    [Fact]
    public void A_container_in_two_networks_publishes_its_ports_through_one_and_then_through_the_other()
    {
        string[] ports = ["--publish=8080:80", "--publish=8080:80/udp", "--network=others"];
        _ = _podman.Run("network", "create", "--disable-dns", "--subnet=10.34.0.0/24", "others");
        _ = _podman.RunContainer("before", "pods", ports);
        _podman.RemoveContainer("before");
        NodeState before = NodeState.Of(_sandbox);

        Pod pod = _podman.RunContainer("web", "pods", ports);
        using (NetworkNamespace inside = _sandbox.OpenNetwork(pod.Netns), node = _sandbox.OpenNetwork())
        using (EchoServer.Start(inside, "web", 80))
        using (Socket client = EchoServer.OpenClient(node, "127.0.0.1", udp: true))
        {
            // The client is masqueraded, so what the container sees tells the network.
            string first = EchoServer.Ask(node, "127.0.0.1", 8080, udp: false)!;
            Assert.Contains(first, (string[])["web 10.33.0.1", "web 10.34.0.1"]);
            Assert.Equal(first, EchoServer.Ask(client, "127.0.0.1", 8080));
            bool wasPods = first == "web 10.33.0.1";
            _ = _podman.Run("network", "disconnect", wasPods ? "pods" : "others", "web");
            string second = wasPods ? "web 10.34.0.1" : "web 10.33.0.1";
            Assert.Equal(second, EchoServer.Ask(node, "127.0.0.1", 8080, udp: false));
            Assert.Equal(second, EchoServer.Ask(client, "127.0.0.1", 8080));
        }
        _podman.RemoveContainer("web");

        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf(pod.ContainerId);
    }
}
