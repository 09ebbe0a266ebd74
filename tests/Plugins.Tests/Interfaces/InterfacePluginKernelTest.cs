using System.Text;
using Cni;
using Netlink.Route.Links;
using Plugins.Tests.Ipam;
using TestKit;

namespace Plugins.Tests.Interfaces;

/// <summary>A interface plugin in the test's own process, with an IPAM plugin of another make.</summary>
/// <param name="plugin">The plugin.</param>
/// <param name="addresses">IPAM's answer to ADD.</param>
public abstract class InterfacePluginKernelTest(ICniPlugin plugin, string addresses) : NodeKernelTest
{
    /// <summary>An <c>ipam</c> member that leads to <see cref="Ipam"/>.</summary>
    protected const string OtherIpam = "\"ipam\": {\"type\": \"other-ipam\"}";

    /// <summary>The members that every configuration of the test has, with a comma in front.</summary>
    protected virtual string Members => "";

    protected Link HostEnd => NodeClient.FindLink(Tag.HostInterfaceName)!;

    protected Link PodEnd => PodClient.FindLink("eth0")!;

    internal IpamScript Ipam { get; private set; } = new(addresses);

    public override void Dispose()
    {
        Ipam.Dispose();
        base.Dispose();
    }

    protected static CniResult Parse(string result) => CniResult.Parse(Encoding.UTF8.GetBytes(result), "1.1.0");

    /// <summary>Another IPAM in the place of the one that there is.</summary>
    /// <param name="answer">Its answer to ADD.</param>
    /// <param name="status">The exit status of every verb but ADD.</param>
    protected void ReplaceIpam(string answer, int status = 0)
    {
        Ipam.Dispose();
        Ipam = new IpamScript(answer, status);
    }

    /// <returns>What the plugin printed; "" for nothing.</returns>
    protected string Run(
        string command,
        string members,
        int expect = 0,
        string version = "1.1.0",
        string network = "pods",
        string args = "",
        string? netns = null)
    {
        FakeHost host = FakeHost.For(
            command,
            $$"""{"cniVersion": "{{version}}", "name": "{{network}}", "type":"""
            + $$""" "{{plugin.Type}}"{{Members}}{{(members.Length > 0 ? ", " : "")}}{{members}} }""");
        host["CNI_NETNS"] = netns ?? PathOf(Pod);
        host["CNI_ARGS"] = args;
        host["CNI_PATH"] = Ipam.CniPath;
        int status = Node.Run(() => CniProgram.Run(host, plugin, ErrorTranslation.Translate));
        string output = string.Concat(host.Outputs);
        Assert.True(status == expect, $"{command}: {output}");
        return output;
    }

    protected string Add(string members) => Run("ADD", members);

    protected void Check(string members, string result) => Run("CHECK", WithResult(members, result));

    protected void CheckFails(string members, string result, params string[] words)
    {
        string answer = Run("CHECK", WithResult(members, result), expect: 1);
        Assert.Contains("\"code\": 104", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    protected void AssertNothingIsLeft()
    {
        Assert.Null(NodeClient.FindLink(Tag.HostInterfaceName));
        Assert.Null(PodClient.FindLink("eth0"));
        Assert.DoesNotContain(Tag.Text, NftProgram.List(Node), StringComparison.Ordinal);
    }

    private static string WithResult(string members, string result) =>
        $"{members}{(members.Length > 0 ? ", " : "")}\"prevResult\": {result}";
}
