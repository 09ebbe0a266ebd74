using EndToEnd.Runtimes;
using EndToEnd.Sandbox;

namespace EndToEnd;

public sealed class ContainerdTests : IDisposable
{
    private static readonly PodNetwork s_network = new("""
        {
          "cniVersion": "1.0.0",
          "name": "pods",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "cni0",
              "isGateway": true,
              "ipMasq": true,
              "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": "10.32.0.0/24" }], [{ "subnet": "fd00:32::/64" }]],
                "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }]
              }
            },
            { "type": "portmap", "capabilities": { "portMappings": true } },
            { "type": "bandwidth", "capabilities": { "bandwidth": true } }
          ]
        }
        """);

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly Containerd _containerd;

    public ContainerdTests() => _containerd = Containerd.StartIn(_sandbox, s_network);

    public void Dispose()
    {
        _containerd.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void Pods_reach_each_other_their_gateway_and_the_outside()
    {
        Pod first = _containerd.RunPod("first");
        Pod second = _containerd.RunPod("second");

        s_network.AssertServes(_sandbox, first, second);
    }

    // It sends bursts of 4,294,967,295 bits, and keys in PascalCase.
    [Fact]
    public void Bandwidth_annotations_shape_a_pod_and_no_other()
    {
        Pod other = _containerd.RunPod("other");
        Pod pod = _containerd.RunPod("pod", static config =>
        {
            config.Annotations.Add("kubernetes.io/ingress-bandwidth", "10M");
            config.Annotations.Add("kubernetes.io/egress-bandwidth", "20M");
        });

        Assert.Contains(
            "rate 10Mbit",
            _sandbox.Run("tc", "qdisc", "show", "dev", OurPlugins.HostInterface(s_network.Name, pod)),
            StringComparison.Ordinal);
        Assert.Contains(
            "rate 20Mbit", _sandbox.Run("tc", "qdisc", "show", "dev", OurPlugins.Ifb(s_network.Name, pod)), StringComparison.Ordinal);
        s_network.AssertServes(_sandbox, pod, other);
        Assert.DoesNotContain(
            "tbf", _sandbox.Run("tc", "qdisc", "show", "dev", OurPlugins.HostInterface(s_network.Name, other)), StringComparison.Ordinal);
        _containerd.RemovePod(pod);
        Assert.NotEqual(0, _sandbox.TryRun("ip", "link", "show", "dev", OurPlugins.Ifb(s_network.Name, pod)).ExitCode);
    }

    [Fact]
    public void The_loopback_interface_of_a_pod_is_up()
    {
        // containerd leaves it to the loopback plugin.
        string loopback = _containerd.RunPod("pod").Run("ip", "link", "show", "dev", "lo");

        Assert.Contains("<LOOPBACK,UP", loopback, StringComparison.Ordinal);
    }

    [Fact]
    public void Removed_pods_leave_nothing()
    {
        _containerd.RemovePod(_containerd.RunPod("shared"));
        NodeState before = NodeState.Of(_sandbox);

        Pod[] pods = [_containerd.RunPod("first"), _containerd.RunPod("second")];
        foreach (Pod pod in pods)
            _containerd.RemovePod(pod);

        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        foreach (Pod pod in pods)
            after.AssertNoTraceOf(pod.ContainerId);
    }

    [Fact]
    public void A_pod_whose_namespace_is_gone_is_removed_without_trace()
    {
        _containerd.RemovePod(_containerd.RunPod("shared"));
        NodeState before = NodeState.Of(_sandbox);

        Pod pod = _containerd.RunPod("lost");
        _containerd.KillPod(pod);
        _ = _sandbox.Run("umount", pod.Netns);
        _containerd.RemovePod(pod);

        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf(pod.ContainerId);
    }

    [Fact]
    public void A_container_without_a_pod_gets_a_network_and_leaves_nothing()
    {
        _ = _containerd.RunContainer("shared", "sleep", "0");
        NodeState before = NodeState.Of(_sandbox);

        string output = _containerd.RunContainer("alone", "ping", "-c1", "-W2", "10.32.0.1");

        Assert.Contains("1 packets received", output, StringComparison.Ordinal);
        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf("alone");
    }
}
