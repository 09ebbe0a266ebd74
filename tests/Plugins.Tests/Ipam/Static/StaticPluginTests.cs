using System.Text;
using Cni;
using Plugins.Ipam.Static;
using TestKit;

namespace Plugins.Tests.Ipam.Static;

public sealed class StaticPluginTests
{
    private const string Addresses = """
        "addresses": [{"address": "10.10.0.5/24", "gateway": "10.10.0.1"}, {"address": "fd10::5/64"}], "dns": {"search": ["a.test"]}
        """;

    private static (int Status, string Output) Run(string command, string ipam = Addresses, string prevIps = "")
    {
        string previous = prevIps.Length == 0 ? "" : $$""", "prevResult": {"ips": [{{prevIps}}]} """;
        FakeHost host = TestCall.HostFor(command, $$"""
            "ipam": {"type": "static", {{ipam}}}{{previous}}
            """);
        int status = CniProgram.Run(host, new StaticPlugin());
        return (status, string.Concat(host.Outputs));
    }

    [Fact]
    public void ADD_gives_what_the_configuration_says()
    {
        (int status, string output) = Run("ADD");
        Assert.Equal(0, status);
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(output), "1.1.0");
        Assert.Equal(["10.10.0.5/24", "fd10::5/64"], result.Ips.Select(static ip => ip.Address.ToString()));
        Assert.All(result.Ips, static ip => Assert.Null(ip.Interface));
        Assert.Equal(["a.test"], result.Dns!.Search);
        Assert.Empty(result.Interfaces);
    }

    [Fact]
    public void ADD_without_any_address_is_refused_and_STATUS_waits_for_the_runtimes()
    {
        (int status, string output) = Run("ADD", "\"routes\": []");
        Assert.Equal(1, status);
        Assert.Contains("runtimeConfig.ips", output, StringComparison.Ordinal);
        Assert.Equal((0, ""), Run("STATUS", "\"routes\": []"));
    }

    [Theory]
    [InlineData("""{"address": "10.10.0.5/24", "gateway": "10.10.0.1"}, {"address": "fd10::5/64"}, {"address": "10.9.0.1/24"}""", "")]
    [InlineData("""{"address": "10.10.0.5/24", "gateway": "10.10.0.1"}""", "fd10::5/64")]
    [InlineData("""{"address": "10.10.0.5/24", "gateway": "10.10.0.2"}, {"address": "fd10::5/64"}""", "10.10.0.2")]
    [InlineData("""{"address": "10.10.0.5/24"}, {"address": "fd10::5/64", "gateway": "fd10::1"}""", "10.10.0.1")]
    public void CHECK_names_what_is_missing_or_different(string prevIps, string word)
    {
        (int status, string output) = Run("CHECK", prevIps: prevIps);
        Assert.Equal(word.Length == 0 ? 0 : 1, status);
        Assert.Contains(word, output, StringComparison.Ordinal);
        Assert.Equal(word.Length > 0, output.Contains("104", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DEL")]
    [InlineData("GC")]
    public void DEL_and_GC_succeed_whatever_the_section_holds(string command) => Assert.Equal((0, ""), Run(command, "\"addresses\": 5"));
}
