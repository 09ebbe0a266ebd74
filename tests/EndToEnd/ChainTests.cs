using System.Text.Json;
using EndToEnd.Runtimes;
using EndToEnd.Runtimes.Cri;
using EndToEnd.Sandbox;
using Linux;
using Linux.Namespaces;

namespace EndToEnd;

/// <summary>Whole chains as runtimes run them: published ports are reached from everywhere, and nothing is left.</summary>
public sealed class ChainTests : IDisposable
{
    private const int HostPort = 8080;
    private const int PodPort = 80;

    // Of the pod that comes first, so that what pods share is there.
    private const int SharedPort = 9999;

    private static readonly PodNetwork s_network = Behind("bridge", """ "bridge": "cni0", "isGateway": true """);

    private static PodNetwork Behind(string type, string keys) => new($$"""
        {
          "cniVersion": "1.0.0",
          "name": "chain",
          "plugins": [
            {
              "type": "{{type}}", {{keys}},
              "ipMasq": true,
              "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": "10.36.0.0/24" }], [{ "subnet": "fd00:36::/64" }]],
                "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }]
              }
            },
            { "type": "portmap", "capabilities": { "portMappings": true } },
            { "type": "firewall" },
            { "type": "bandwidth", "capabilities": { "bandwidth": true } },
            { "type": "tuning", "sysctl": { "net.ipv4.conf.IFNAME.arp_filter": "1" } },
            { "type": "sbr", "table": 254 }
          ]
        }
        """);

    private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
    private readonly List<IDisposable> _open = [];

    public ChainTests() => _ = OutsideWorld.CreateIn(_sandbox);

    public void Dispose()
    {
        foreach (IDisposable item in Enumerable.Reverse(_open))
            item.Dispose();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData("bridge", """ "bridge": "cni0", "isGateway": true """)]
    [InlineData("ptp", """ "mtu": 1400 """)]
    public void Six_plugins_by_cnitool(string type, string keys)
    {
        CniTool tool = new(_sandbox, Behind(type, keys));
        tool.DeletePod(tool.AddPod("shared", Capabilities(SharedPort)));
        NodeState before = NodeState.Of(_sandbox);

        Pod web = tool.AddPod("web", Capabilities(HostPort));
        Pod other = tool.AddPod("other");
        AssertPublishes(web, other);
        Assert.Equal("1", web.Run("cat", "/proc/sys/net/ipv4/conf/eth0/arp_filter").Trim());
        Assert.Contains("qdisc tbf 1:", _sandbox.Run("tc", "qdisc", "show"), StringComparison.Ordinal);
        tool.CheckPod(web, Capabilities(HostPort));

        tool.DeletePod(web);
        tool.DeletePod(other);
        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf("cnitool-");
    }

    [Fact]
    public void A_hundred_pods_at_once_leave_nothing()
    {
        CniTool tool = new(_sandbox, s_network);
        tool.DeletePod(tool.AddPod("shared", Capabilities(SharedPort)));
        NodeState before = NodeState.Of(_sandbox);
        (int chains, int rules) = CountRules(tool.AddPod("one", Capabilities(HostPort)));

        IReadOnlyList<Pod> pods = tool.AddPods(Enumerable.Range(1, 100).ToDictionary(i => $"pod{i}", i => Capabilities(HostPort + i)));
        Assert.Equal(100, pods.Select(pod => pod.Address()).Distinct().Count());
        Assert.Equal((chains, rules), CountRules(pods[0]));

        tool.DeletePods(pods);
        tool.DeletePod(Named("one"));
        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf("cnitool-");
    }

    // PascalCase keys, from the CRI's host ports and annotations.
    [Fact]
    public void Host_ports_and_bandwidth_by_containerd()
    {
        using Containerd containerd = Containerd.StartIn(_sandbox, s_network);
        containerd.RemovePod(containerd.RunPod("shared", static config => Publish(config, SharedPort)));
        NodeState before = NodeState.Of(_sandbox);

        Pod web = containerd.RunPod("web", static config =>
        {
            Publish(config, HostPort);
            config.Annotations.Add("kubernetes.io/ingress-bandwidth", "10M");
            config.Annotations.Add("kubernetes.io/egress-bandwidth", "20M");
        });
        Pod other = containerd.RunPod("other");
        AssertPublishes(web, other);
        string qdiscs = _sandbox.Run("tc", "qdisc", "show");
        Assert.Contains("rate 10Mbit", qdiscs, StringComparison.Ordinal);
        Assert.Contains("rate 20Mbit", qdiscs, StringComparison.Ordinal);

        containerd.RemovePod(web);
        containerd.RemovePod(other);
        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf(web.ContainerId);
    }

    [Fact]
    public void Published_ports_by_podman()
    {
        Podman podman = Podman.In(_sandbox);
        _ = podman.Run("network", "create", "--disable-dns", "--ipv6", "--subnet=10.37.0.0/24", "--subnet=fd00:37::/64", "published");
        _ = podman.RunContainer("shared", "published", $"--publish={SharedPort}:{PodPort}/tcp", $"--publish={SharedPort}:{PodPort}/udp");
        podman.RemoveContainer("shared");
        NodeState before = NodeState.Of(_sandbox);

        Pod web = podman.RunContainer("web", "published", $"--publish={HostPort}:{PodPort}/tcp", $"--publish={HostPort}:{PodPort}/udp");
        Pod other = podman.RunContainer("other", "published");
        AssertPublishes(web, other);

        podman.RemoveContainer("web");
        podman.RemoveContainer("other");
        NodeState after = NodeState.Of(_sandbox);
        after.AssertSameAs(before);
        after.AssertNoTraceOf(web.ContainerId);
    }

    private static void Publish(PodSandboxConfig config, int hostPort)
    {
        foreach (Protocol protocol in (Protocol[])[Protocol.Tcp, Protocol.Udp])
            config.PortMappings.Add(new PortMapping { Protocol = protocol, ContainerPort = PodPort, HostPort = hostPort });
    }

    private static string Capabilities(int hostPort) => $$"""
        {
          "portMappings": [
            { "hostPort": {{hostPort}}, "containerPort": {{PodPort}}, "protocol": "tcp" },
            { "hostPort": {{hostPort}}, "containerPort": {{PodPort}}, "protocol": "udp" }
          ],
          "bandwidth": { "ingressRate": 100000000, "ingressBurst": 10000000, "egressRate": 100000000, "egressBurst": 10000000 }
        }
        """;

    private Pod Named(string name) => new(_sandbox, $"cnitool-{Sha512.HexPrefix(20, $"/run/netns/{name}")}", $"/run/netns/{name}");

    /// <summary>How many chains and rules the node has, while a pod is there.</summary>
    private (int Chains, int Rules) CountRules(Pod pod)
    {
        using JsonDocument ruleset = JsonDocument.Parse(_sandbox.Run("nft", "--json", "list", "ruleset"));
        JsonElement[] objects = [.. ruleset.RootElement.GetProperty("nftables").EnumerateArray()];
        Assert.Contains(pod.Address(), ruleset.RootElement.GetRawText(), StringComparison.Ordinal);
        return (objects.Count(item => item.TryGetProperty("chain", out _)), objects.Count(item => item.TryGetProperty("rule", out _)));
    }

    /// <summary>Asserts that the pod's port answers on the node's, asked from wherever one may ask.</summary>
    private void AssertPublishes(Pod web, Pod other)
    {
        NetworkNamespace node = Keep(_sandbox.OpenNetwork()), outside = Keep(_sandbox.OpenNetwork("/run/netns/outside"));
        NetworkNamespace inside = Keep(_sandbox.OpenNetwork(InRun(web))), beside = Keep(_sandbox.OpenNetwork(InRun(other)));
        _ = Keep(EchoServer.Start(inside, "web", PodPort));
        (string Name, NetworkNamespace From)[] clients =
        [
            ("outside", outside),
            ("the node", node),
            ("itself", inside),
            ("another pod", beside),
        ];
        foreach (bool udp in (bool[])[false, true])
        {
            foreach (string address in (string[])[OutsideWorld.NodeAddress4, OutsideWorld.NodeAddress6])
            {
                foreach ((string name, NetworkNamespace from) in clients)
                    AssertAnswers(name, from, address, udp);
            }
            AssertAnswers("the node", node, "127.0.0.1", udp);
        }
    }

    /// <summary>Seen from outside of the sandbox, /var/run would lead to the host's own /run.</summary>
    private static string InRun(Pod pod) => pod.Netns.Replace("/var/run/", "/run/", StringComparison.Ordinal);

    private static void AssertAnswers(string client, NetworkNamespace from, string address, bool udp)
    {
        string? answer = EchoServer.Ask(from, address, HostPort, udp);
        Assert.True(
            answer?.StartsWith("web ", StringComparison.Ordinal) == true, $"{client}, {address}, {(udp ? "udp" : "tcp")}: {answer}");
    }

    private T Keep<T>(T item)
        where T : IDisposable
    {
        _open.Add(item);
        return item;
    }
}
