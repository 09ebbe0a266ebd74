using System.Text;
using TestKit;

namespace Cni.Tests;

public sealed class NetworkListTests
{
    private static IReadOnlyList<(string Type, byte[] Configuration)> Read(string json) =>
        NetworkList.Read(Encoding.UTF8.GetBytes(json), "FILE");

    [Fact]
    public void Each_plugin_gets_name_and_version_of_its_list()
    {
        var plugins = Read(
            """{"name": "pods", "cniVersion": "0.4.0", "cniVersions": ["1.0.0", "9.0.0"], "plugins": [{"type": "a", "name": "x"} ,"""
            + """ {"type": "b", "mtu": 1}]}""");
        Assert.Equal(["a", "b"], plugins.Select(static plugin => plugin.Type));
        Assert.All(plugins, static plugin =>
        {
            CniInvocation call = CniInvocation.OfOperator(new FakeHost(), plugin.Configuration);
            Assert.Equal(("pods", "1.0.0"), (call.Network, call.CniVersion));
        });
    }

    [Theory]
    [InlineData("""{"plugins": [{"type": "a"}]}""", "name is \"\"")]
    [InlineData("""{"name": "n", "plugins": []}""", "plugins is empty")]
    [InlineData("""{"name": "n", "plugins": {}}""", "plugins is an object")]
    [InlineData("""{"name": "n", "plugins": [{"type": "a"}, {"mtu": 1}]}""", "plugins[1]: type is missing")]
    [InlineData("""{"name": "n"}""", "FILE: type is missing")]
    [InlineData("""{"name": "n", "type": "a", "cniVersion": "7"}""", "cniVersion is \"7\"")]
    public void What_is_no_network_is_named(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<CniException>(() => Read(json)).Message, StringComparison.Ordinal);
}
