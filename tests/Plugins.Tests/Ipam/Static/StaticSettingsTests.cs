using Cni;
using Linux.Addresses;
using Plugins.Ipam.Static;
using TestKit;

namespace Plugins.Tests.Ipam.Static;

public sealed class StaticSettingsTests
{
    private const string Section = """
        "ipam": {"addresses": [{"address": "10.10.0.1/24", "gateway": "10.10.0.254"}, {"address": "3ffe:ffff:0:01ff::1/64"}]}
        """;

    private static StaticSettings Read(string members, string args = "") => TestCall.Add(members, StaticSettings.Read, args);

    private static string Addresses(StaticSettings settings) => string.Join(
        ' ', settings.Addresses.Select(static ip => ip.Gateway is null ? $"{ip.Address}" : $"{ip.Address}>{IpText.Format(ip.Gateway)}"));

    [Fact]
    public void Configured_addresses_keep_their_host_bits_and_gateways() =>
        Assert.Equal("10.10.0.1/24>10.10.0.254 3ffe:ffff:0:1ff::1/64", Addresses(Read(Section)));

    [Theory]
    [InlineData("IP=10.10.0.2/24", "10.10.0.2/24")]
    [InlineData("IP=10.10.0.2/24;GATEWAY=10.10.0.253", "10.10.0.2/24>10.10.0.253")]
    [InlineData("IP=10.10.0.2/24,11.11.0.2/24;GATEWAY=11.11.0.1, 10.10.0.253", "10.10.0.2/24>10.10.0.253 11.11.0.2/24>11.11.0.1")]
    [InlineData("IP=10.10.0.2/24;GATEWAY=192.0.2.1", "10.10.0.2/24")]
    public void CNI_ARGS_come_behind_the_configured_ones(string args, string expected) =>
        Assert.Equal($"10.10.0.1/24>10.10.0.254 3ffe:ffff:0:1ff::1/64 {expected}", Addresses(Read(Section, args)));

    [Fact]
    public void GATEWAY_serves_configured_addresses_without_one() =>
        Assert.Equal(
            "10.10.0.1/24>10.10.0.254 3ffe:ffff:0:1ff::1/64>3ffe:ffff:0:1ff::9",
            Addresses(Read(Section, "GATEWAY=3ffe:ffff:0:1ff::9,10.10.0.9")));

    [Theory]
    [InlineData(""", "args": {"cni": {"ips": ["10.10.0.3/24"]}} """, "10.10.0.3/24")]
    [InlineData(""", "runtimeConfig": {"ips": ["10.10.0.4/24", "fd00::4/64"]} """, "10.10.0.4/24 fd00::4/64")]
    [InlineData(""", "args": {"cni": {"ips": ["10.10.0.3/24"]}}, "runtimeConfig": {"ips": ["10.10.0.4/24"]} """, "10.10.0.4/24")]
    [InlineData(
        """, "args": {"cni": {"ips": []}}, "runtimeConfig": {"ips": null} """,
        "10.10.0.1/24>10.10.0.254 3ffe:ffff:0:1ff::1/64 10.10.0.2/24")]
    public void Stronger_sources_replace_all_weaker_ones(string members, string expected) =>
        Assert.Equal(expected, Addresses(Read(Section + members, "IP=10.10.0.2/24")));

    [Fact]
    public void Routes_and_dns_are_taken_over()
    {
        StaticSettings settings = Read("""
            "ipam": {"routes": [{"dst": "10.1.0.0/16", "gw": "10.10.0.1"}, {"dst": "10.1.0.0/16", "gw": "10.10.0.2", "mtu": 1400}],
                     "dns": {"nameservers": ["192.0.2.1"], "domain": "a.test", "search": ["b.test"], "options": ["ndots:2"]}}
            """);
        Assert.Equal(["10.10.0.1", "10.10.0.2"], settings.Routes.Select(static route => IpText.Format(route.Gateway!)));
        Assert.Equal(1400u, settings.Routes[1].Mtu);
        Assert.Equal("a.test", settings.Dns!.Domain);
        Assert.Empty(settings.Addresses);
    }

    [Theory]
    [InlineData("""{"addresses": [{"address": "10.10.0.1"}]}""", "ipam.addresses[0].address", "\"10.10.0.1\"")]
    [InlineData("""{"addresses": [{"gateway": "10.10.0.1"}]}""", "ipam.addresses[0].address", "\"\"")]
    [InlineData(
        """{"addresses": [{"address": "10.10.0.1/24"}, {"address": "10.10.0.1/33"}]}""", "ipam.addresses[1].address", "10.10.0.1/33")]
    [InlineData("""{"addresses": [{"address": "10.10.0.1/24", "gateway": "x"}]}""", "ipam.addresses[0].gateway", "\"x\"")]
    [InlineData("""{"addresses": [{"address": "10.10.0.1/24", "gateway": "fd00::1"}]}""", "ipam.addresses[0].gateway", "fd00::1")]
    [InlineData("""{"routes": [{"dst": "10.0.0.0/8", "gw": "fd00::1"}]}""", "ipam.routes", "fd00::1")]
    public void Wrong_values_are_refused_by_key_and_value(string ipam, params string[] words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, words, () => Read($"\"ipam\": {ipam}"));

    [Theory]
    [InlineData(""", "args": {"cni": {"ips": ["10.10.0.3"]}} """, "args.cni.ips")]
    [InlineData(""", "args": {"cni": {"ips": ["x"]}}, "runtimeConfig": {"ips": ["10.10.0.4/24"]} """, "args.cni.ips")]
    [InlineData(""", "runtimeConfig": {"ips": ["10.10.0.3"]} """, "runtimeConfig.ips")]
    public void Wrong_addresses_of_the_caller_are_refused(string members, string source) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [source, "/24"], () => Read(Section + members));

    [Theory]
    [InlineData("IP=10.10.0.2", "IP")]
    [InlineData("IP=10.10.0.2/24,", "IP")]
    [InlineData("GATEWAY=x", "GATEWAY")]
    public void Wrong_CNI_ARGS_are_refused(string args, string key) =>
        TestCall.AssertFails(CniErrorCode.InvalidEnvironment, ["CNI_ARGS", key], () => Read(Section, args));

    [Theory]
    [InlineData("\"args\": {\"cni\": {\"ips\": [\"10.10.0.3/24\"]}}")]
    [InlineData("\"runtimeConfig\": {\"ips\": [\"10.10.0.3/24\"]}")]
    public void The_section_must_be_there_even_if_the_caller_names_addresses(string members) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["ipam is missing"], () => Read(members));
}
