using Cni;
using Datapath.Attachments;
using Netlink.Nftables;
using Netlink.Route.Links;
using Plugins.Chained.Portmap;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary><c>portmap</c> in the test's own process, for a pod that a veth and two routes stand in for.</summary>
public abstract class PortmapKernelTest : NodeKernelTest
{
    private protected const string Web = """{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}""";
    private protected const string Dns = """{"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "192.0.2.1"}""";

    private protected NftClient Nft { get; }

    protected PortmapKernelTest() => Nft = NftClient.Open(Node);

    public override void Dispose()
    {
        Nft.Dispose();
        base.Dispose();
    }

    private protected const string BothAddresses = "\"10.1.2.5/24\", \"fd00:1::5/64\"";

    private protected static string Mapped(string mappings, string keys = "", string addresses = BothAddresses) => $$"""
        "runtimeConfig": {"portMappings": [{{mappings}}]}{{(keys.Length > 0 ? ", " : "")}}{{keys}}, {{Prev(addresses)}}
        """;

    private protected static string Prev(string addresses = BothAddresses) => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "br0"}, {"name": "eth0", "sandbox": "/run/netns/pod"}],
          "ips": [{{string.Join(", ", addresses.Split(',').Select(static address => $$"""{"address": {{address}}, "interface": 1}"""))}}]}
        """;

    /// <summary>Runs the plugin as the protocol layer does.</summary>
    private protected FakeHost Run(string command, string members, string containerId = "c1", string network = "pods", string? netns = null)
    {
        FakeHost host = FakeHost.For(
            command, TestCall.Config(members).Replace("\"name\": \"pods\"", $"\"name\": \"{network}\"", StringComparison.Ordinal));
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        host["CNI_CONTAINERID"] = containerId;
        _ = Node.Run(() => CniProgram.Run(host, new PortmapPlugin(), ErrorTranslation.Translate));
        return host;
    }

    private protected void Succeed(string command, string members, string containerId = "c1", string network = "pods", string? netns = null)
    {
        FakeHost host = Run(command, members, containerId, network, netns);
        Assert.DoesNotContain("\"code\"", string.Concat(host.Outputs), StringComparison.Ordinal);
    }

    /// <summary>An ADD for a pod that ends without a DEL.</summary>
    private protected void AddAndDie(string members, string containerId = "c1")
    {
        using MortalPod pod = new();
        Succeed("ADD", members, containerId, netns: pod.Path);
    }

    private protected void Fail(string command, string members, CniErrorCode code, string[] words, string containerId = "c1")
    {
        string output = string.Concat(Run(command, members, containerId).Outputs);
        Assert.Contains($"\"code\":{(uint)code}", output.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    private protected string[] Elements() =>
        [.. NftProgram.Lines(NftProgram.List(Node)).Where(static line => line.Contains("comment", StringComparison.Ordinal))];

    private protected string[] Skeleton() =>
        [
            .. NftProgram.Lines(NftProgram.List(Node))
                .Where(static line => !line.Contains(" : ", StringComparison.Ordinal) || line.StartsWith("type", StringComparison.Ordinal)),
        ];

    /// <summary>Makes a container look alive: its host end exists.</summary>
    private protected void MakeAlive(string containerId) => NodeClient.CreateLink(new VethSpec
    {
        Name = new AttachmentTag("pods", containerId, "eth0").HostInterfaceName,
        Peer = new VethPeer { Name = "peer" },
    });
}
