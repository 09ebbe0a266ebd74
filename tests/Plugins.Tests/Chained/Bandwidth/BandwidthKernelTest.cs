using Cni;
using Netlink.Route.Links;
using Netlink.Route.TrafficControl;
using Plugins.Chained.Bandwidth;
using TestKit;

namespace Plugins.Tests.Chained.Bandwidth;

/// <summary><c>bandwidth</c> in the test's own process, on a veth pair that another plugin is said to have made.</summary>
public abstract class BandwidthKernelTest : NodeKernelTest
{
    private protected const string Both =
        "\"ingressRate\": 1000000, \"ingressBurst\": 800000, \"egressRate\": 2000000, \"egressBurst\": 1600000";
    private protected const string HostName = "host0";

    private protected static readonly TokenBucket Slow = new() { Rate = 125_000, Limit = 103_125, Buffer = 12_500_000 };
    private protected static readonly TokenBucket Fast = new() { Rate = 250_000, Limit = 206_250, Buffer = 12_500_000 };

    /// <summary>What the last call wrote to stderr.</summary>
    private protected List<string> Warnings { get; private set; } = [];

    protected BandwidthKernelTest()
    {
        _ = MakeVeth(HostName);
        NodeClient.SetLink(IndexOf(HostName), new LinkChange { Up = true, Mtu = 1400 });
    }

    private protected static string IfbName => Tag.IfbName;

    private protected int HostEnd => IndexOf(HostName);

    private protected Link? Ifb => NodeClient.FindLink(IfbName);

    private protected List<Filter> Filters => NodeClient.ListFilters(HostEnd, TcHandle.IngressFilters);

    private protected string PrevResult(string more = "") => $$"""
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "{{HostName}}"}, {"name": "eth0",
        "sandbox": "{{PathOf(Pod)}}"}{{more}}],
          "ips": [{"address": "10.1.2.3/24", "interface": 1}]}
        """;

    private protected string PrevResultOfChain => PrevResult($$""", {"name": "{{IfbName}}"}""");

    private protected string Run(string command, string members, int expect = 0, string containerId = "c1", bool netns = true)
    {
        FakeHost host = TestCall.HostFor(command, members);
        host["CNI_CONTAINERID"] = containerId;
        host["CNI_NETNS"] = netns ? PathOf(Pod) : "";
        int status = Node.Run(() => CniProgram.Run(host, new BandwidthPlugin(), ErrorTranslation.Translate));
        string output = string.Concat(host.Outputs);
        Warnings = host.Errors;
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    private protected string Add(string members = Both) => Run("ADD", $"{members}, {PrevResult()}");

    private protected void AddFails(int code, string members, params string[] words)
    {
        string answer = Run("ADD", members, expect: 1);
        Assert.Contains($"\"code\": {code}", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    private protected void CheckFails(params string[] words)
    {
        string answer = Run("CHECK", $"{Both}, {PrevResultOfChain}", expect: 1);
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    private protected void Check() => Assert.Empty(Run("CHECK", $"{Both}, {PrevResultOfChain}"));

    private protected static string Valid(string containerId, string ifName) =>
        $$"""  "cni.dev/valid-attachments": [{"containerID": "{{containerId}}", "ifname": "{{ifName}}"}] """;

    private protected Qdisc Root(int link) => NodeClient.FindQdisc(link, TcHandle.Root)!;

    private protected string? Entrance => NodeClient.FindQdisc(HostEnd, TcHandle.Ingress)?.Kind;

    private protected void Tc(string arguments) => TcProgram.Run(Node, arguments);

    private protected void AssertShaped()
    {
        Assert.Equal(Slow, Root(HostEnd).Bucket);
        Assert.Equal(Fast, Root(Ifb!.Index).Bucket);
        Assert.Equal(Ifb.Index, Assert.Single(Filters, filter => RedirectFilter.IsOurs(filter, [Ifb])).Actions[0].RedirectTarget);
    }

    private protected void AssertNothingIsLeft()
    {
        Assert.Null(Ifb);
        Assert.True(Root(HostEnd).IsDefault);
        Assert.Null(Entrance);
    }
}
