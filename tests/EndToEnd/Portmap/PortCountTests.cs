using System.Diagnostics;
using EndToEnd.Sandbox;

namespace EndToEnd.Portmap;

/// <summary>Many ports and many stale attachments: sizes at which answers of the kernel exceed a socket's buffers.</summary>
public sealed class PortCountTests : IDisposable
{
    // A call takes tens of milliseconds; a hang would take for ever.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PublishingNode _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(127)]
    [InlineData(149)]
    [InlineData(200)]
    [InlineData(600)]
    public void Ports_are_published_checked_and_taken_back(int count)
    {
        (Pod pod, _, string config) = _node.Publish("pod", _node.Config(Mappings(count, "tcp", "udp")));
        Assert.Equal(4 * count, Ports());
        _ = Bounded(() => _node.Plugin.Check("portmap", config, pod)).ExpectSuccess();
        _ = Bounded(() => _node.Plugin.Delete("portmap", config, pod)).ExpectSuccess();
        Assert.Equal(0, Ports());
    }

    [Theory]
    [InlineData(149)]
    [InlineData(300)]
    public void Stale_attachments_are_collected(int count)
    {
        Pod pod = Pod.Create(_node.Sandbox, "pod");
        string firewall = """{ "cniVersion": "1.1.0", "name": "net1", "type": "firewall" }""";
        string bridge = _node.Bridge.Replace("10.1.0.0/24", "10.1.0.0/16", StringComparison.Ordinal);
        Assert.NotEqual(_node.Bridge, bridge);
        for (int i = 0; i < count; i++)
        {
            PluginResult added = _node.Plugin.Run("bridge", "ADD", bridge, $"c{i}", pod.Netns, $"eth{i}").ExpectSuccess();
            string ports = _node.Config(PublishingNode.Both(10_000 + i));
            _ = _node.Plugin.Run("portmap", "ADD", added.WithPrevResult(ports), $"c{i}", pod.Netns, $"eth{i}").ExpectSuccess();
            _ = _node.Plugin.Run("firewall", "ADD", added.WithPrevResult(firewall), $"c{i}", pod.Netns, $"eth{i}").ExpectSuccess();
        }
        Assert.True(Comments() >= 10 * count, $"{Comments()} elements");
        foreach (
            (string type, string config) in ((string, string)[])[("portmap", _node.Config("")), ("firewall", firewall), ("bridge", bridge)])
        {
            string gc = config.Insert(config.LastIndexOf('}'), ", \"cni.dev/valid-attachments\": []");
            _ = Bounded(() => _node.Plugin.Run(type, "GC", gc)).ExpectSuccess();
        }
        Assert.Equal(0, Comments());
        Assert.DoesNotContain("veth", _node.Sandbox.Run("ip", "link"), StringComparison.Ordinal);
    }

    /// <summary>Without CAP_NET_ADMIN in the initial user namespace the buffers cannot be made larger than the host allows.</summary>
    [Theory]
    [InlineData(200, "tcp", "udp")]
    [InlineData(600, "tcp", "udp", "sctp")]
    public void Ports_are_published_checked_and_taken_back_in_a_user_namespace(int count, params string[] protocols)
    {
        string config = _node.Config(Mappings(count, protocols), """
            , "prevResult": { "cniVersion": "1.1.0", "interfaces": [{ "name": "eth0", "sandbox": "/run/netns/pod" }],
              "ips": [{ "address": "10.9.0.2/16", "interface": 0 }, { "address": "fd00:9::2/64", "interface": 0 }] }
            """);
        string gc = """{ "cniVersion": "1.1.0", "name": "net1", "type": "portmap", "cni.dev/valid-attachments": [] }""";
        string output = _node.Sandbox.Run(
            "unshare", "--user", "--map-root-user", "--net", "--mount", "--", "bash", "-euc", """
            mount -t tmpfs tmpfs /run
            mkdir /run/netns
            ip link set lo up
            ip netns add pod
            export CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin
            call() { CNI_COMMAND=$1 timeout 60 /opt/cni/bin/portmap <"$2" >&2; }
            count() { echo "$1 $(nft list ruleset | grep -o comment | wc -l)"; }
            call ADD "$1"; count ADD
            call CHECK "$1"; call DEL "$1"; count DEL
            call ADD "$1"; call GC "$2"; count GC
            """, "bash", _node.Sandbox.WriteFile("config.json", config), _node.Sandbox.WriteFile("gc.json", gc));
        Assert.Equal($"ADD {2 * ((count * protocols.Length) + 1)}\nDEL 0\nGC 0\n", output);
    }

    private static string Mappings(int count, params string[] protocols) => string.Join(", ",
        from port in Enumerable.Range(10_000, count)
        from protocol in protocols
        select $$"""{ "hostPort": {{port}}, "containerPort": 80, "protocol": "{{protocol}}" }""");

    private static PluginResult Bounded(Func<PluginResult> call)
    {
        long begin = Stopwatch.GetTimestamp();
        PluginResult result = call();
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, s_limit);
        return result;
    }

    private int Ports() => Count(" . 80");

    private int Comments() => Count("comment");

    private int Count(string part) => _node.Sandbox.Run("nft", "list", "ruleset").Split(part).Length - 1;
}
