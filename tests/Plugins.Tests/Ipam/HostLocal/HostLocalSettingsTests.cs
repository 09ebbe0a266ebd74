using Cni;
using Ipam;
using Linux.Addresses;
using Plugins.Ipam.HostLocal;
using TestKit;

namespace Plugins.Tests.Ipam.HostLocal;

public sealed class HostLocalSettingsTests
{
    private const string Range = "\"ranges\": [[{\"subnet\": \"10.1.2.0/24\"}]]";

    private static HostLocalSettings Read(string members, string args = "") => TestCall.Add(members, HostLocalSettings.Read, args);

    private static string Sets(HostLocalSettings settings) => string.Join(' ', settings.RangeSets);

    private static string Ips(HostLocalSettings settings) => string.Join(' ', settings.Requested.Select(IpText.Format));

    [Theory]
    [InlineData("""{"subnet": "10.1.2.0/24"}""", "10.1.2.1-10.1.2.254")]
    [InlineData(
        """{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.9", "rangeEnd": "10.1.2.20", "gateway": "10.1.2.30"}""", "10.1.2.9-10.1.2.20")]
    [InlineData("""{"ranges": [[{"subnet": "10.1.2.0/24"}, {"subnet": "10.1.3.0/24"}], [{"subnet": "fd00::/64"}]]}""",
        "10.1.2.1-10.1.2.254,10.1.3.1-10.1.3.254 fd00::1-fd00::ffff:ffff:ffff:ffff")]
    [InlineData("""{"subnet": "10.1.2.0/24", "ranges": [[{"subnet": "10.1.3.0/24"}]]}""", "10.1.2.1-10.1.2.254 10.1.3.1-10.1.3.254")]
    [InlineData("""{"RANGES": [[{"SUBNET": "10.1.2.0/24", "RangeStart": "10.1.2.5"}]]}""", "10.1.2.5-10.1.2.254")]
    // What go-cni makes of a range in place of a set.
    [InlineData("""{"ranges": [{"subnet": "10.1.2.0/24"}]}""", "10.1.2.1-10.1.2.254")]
    [InlineData("""{"subnet": "10.1.2.0/30", "rangeStart": null}""", "10.1.2.1-10.1.2.2")]
    [InlineData("""{"subnet": "fd00::/126"}""", "fd00::1-fd00::3")]
    [InlineData("""{"subnet": "10.1.2.0/31"}""", "10.1.2.0-10.1.2.1")]
    [InlineData("""{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.0", "rangeEnd": "10.1.2.255"}""", "10.1.2.1-10.1.2.254")]
    [InlineData(
        """{"subnet": "10.1.2.0/24", "exclude": ["10.1.2.64/26", "10.1.2.9"]}""",
        "10.1.2.1-10.1.2.8,10.1.2.10-10.1.2.63,10.1.2.128-10.1.2.254")]
    [InlineData("""{"ranges": [[{"subnet": "10.1.2.0/24", "exclude": ["10.1.2.77/25"]}], [{"subnet": "fd00::/64", "exclude": []}]]}""",
        "10.1.2.128-10.1.2.254 fd00::1-fd00::ffff:ffff:ffff:ffff")]
    public void Ranges_of_all_forms_are_read(string ipam, string sets) => Assert.Equal(sets, Sets(Read($"\"ipam\": {ipam}")));

    [Theory]
    [InlineData("""[[{"subnet": "10.9.0.0/24"}]]""")]
    [InlineData("""[{"subnet": "10.9.0.0/24"}]""")]
    public void Ranges_of_the_runtime_come_first(string ipRanges)
    {
        HostLocalSettings settings = Read($$"""
            "ipam": {"subnet": "10.1.2.0/24", {{Range.Replace("10.1.2", "10.1.3", StringComparison.Ordinal)}}},
            "runtimeConfig": {"ipRanges": {{ipRanges}}}
            """);
        Assert.Equal("10.9.0.1-10.9.0.254 10.1.2.1-10.1.2.254 10.1.3.1-10.1.3.254", Sets(settings));
    }

    [Fact]
    public void Ranges_of_the_runtime_suffice() =>
        Assert.Equal(
            "10.9.0.1-10.9.0.254", Sets(Read("\"ipam\": {}, \"RuntimeConfig\": {\"IPRanges\": [[{\"subnet\": \"10.9.0.0/24\"}]]}")));

    [Fact]
    public void Gateway_and_subnet_are_kept()
    {
        IpRange range = Read("""
            "ipam": {"ranges": [[{"subnet": "10.1.2.0/24", "gateway": "192.0.2.1"}]]}
            """).RangeSets[0].Ranges[0];
        Assert.Equal("192.0.2.1", IpText.Format(range.Gateway!));
        Assert.Equal("10.1.2.0/24", range.Subnet.ToString());
    }

    [Fact]
    public void Other_keys_have_defaults()
    {
        HostLocalSettings settings = Read($"\"ipam\": {{{Range}, \"dataDir\": \"\", \"resolvConf\": \"\", \"statusOnExhaustion\": null}}");
        Assert.Equal("/run/cni/networks", settings.DataDir);
        Assert.Null(settings.ResolvConf);
        Assert.False(settings.StatusOnExhaustion);
        Assert.Empty(settings.Routes);
        Assert.Empty(settings.Requested);
    }

    [Fact]
    public void Other_keys_are_read()
    {
        HostLocalSettings settings = Read($$"""
            "ipam": {{{Range}}, "dataDir": "/x", "resolvConf": "/etc/r", "statusOnExhaustion": true, "routes": [
              {"dst": "0.0.0.0/0"},
              {"dst": "192.0.2.5/24", "gw": "10.1.2.9", "mtu": 1400, "advmss": 1360, "priority": 5, "table": 100, "scope": 253}]}
            """);
        Assert.Equal(("/x", "/etc/r", true), (settings.DataDir, settings.ResolvConf, settings.StatusOnExhaustion));
        Assert.Equal(TestCall.Prefix("0.0.0.0/0"), settings.Routes[0].Destination);
        CniRoute route = settings.Routes[1];
        Assert.Equal("192.0.2.5/24", route.Destination.ToString());
        Assert.Equal("10.1.2.9", IpText.Format(route.Gateway!));
        Assert.Equal((1400u, 1360u, 5, 100, 253), (route.Mtu, route.AdvMss, route.Priority, route.Table, route.Scope));
    }

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("IP=10.1.2.88", "", "", "10.1.2.88")]
    [InlineData("IgnoreUnknown=true;IP=10.1.2.88/24", "", "", "10.1.2.88")]
    [InlineData("", "\"10.1.2.11\", \"fd00::0:11/64\"", "", "10.1.2.11 fd00::11")]
    [InlineData("", "", "\"10.1.2.12/24\", \"::ffff:10.1.2.13\"", "10.1.2.12 10.1.2.13")]
    [InlineData("IP=10.1.2.1", "\"10.1.2.2\"", "\"10.1.2.3\"", "10.1.2.1 10.1.2.2 10.1.2.3")]
    [InlineData("IP=10.1.2.1", "\"10.1.2.1/24\"", "\"10.1.2.1\"", "10.1.2.1")]
    public void Requests_of_all_sources_count(string args, string argsIps, string runtimeIps, string expected) => Assert.Equal(
        expected,
        Ips(
            Read(
                $"\"ipam\": {{{Range}}}, \"args\": {{\"cni\": {{\"ips\": [{argsIps}]}}}}, \"runtimeConfig\": {{\"ips\": [{runtimeIps}]}}",
                args)));

    [Theory]
    [InlineData("IP=10.1.2", "", "", CniErrorCode.InvalidEnvironment, "CNI_ARGS IP is \"10.1.2\"")]
    [InlineData("", "\"10.1.2.011\"", "", CniErrorCode.InvalidNetworkConfig, "args.cni.ips is \"10.1.2.011\"")]
    [InlineData("", "", "\"10.1.2.1/33\"", CniErrorCode.InvalidNetworkConfig, "runtimeConfig.ips is \"10.1.2.1/33\"")]
    [InlineData("", "", "\"\"", CniErrorCode.InvalidNetworkConfig, "runtimeConfig.ips is \"\"")]
    [InlineData("", "", "5", CniErrorCode.DecodingFailure, "runtimeConfig.ips[0] is 5")]
    public void Request_for_no_address_is_refused(string args, string argsIps, string runtimeIps, CniErrorCode code, string words) =>
        TestCall.AssertFails(
            code,
            [words, "expected"],
            () =>
                Read(
                    $"\"ipam\": {{{Range}}}, \"args\": {{\"cni\": {{\"ips\": [{argsIps}]}}}}, \"runtimeConfig\": {{\"ips\": "
                    + $"[{runtimeIps}]}}",
                    args));

    [Theory]
    [InlineData("", "ipam is missing")]
    [InlineData("\"ipam\": null", "ipam is missing")]
    [InlineData("\"ipam\": {}", "ipam has no range")]
    [InlineData("\"ipam\": {\"gateway\": \"10.1.2.1\"}", "ipam has no range")]
    [InlineData("\"ipam\": {\"ranges\": []}", "ipam has no range")]
    [InlineData("\"ipam\": {\"rangeStart\": \"10.1.2.1\"}", "ipam.subnet is \"\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0\"}", "ipam.subnet is \"10.1.2.0\"")]
    [InlineData("\"ipam\": {\"ranges\": [[{\"subnet\": \"10.1.2.0/24\"}, {}]]}", "ipam.ranges[0][1].subnet is \"\"")]
    [InlineData("\"ipam\": {\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"rangeEnd\": \"x\"}]]}", "ipam.ranges[0][0].rangeEnd is \"x\"")]
    [InlineData(
        "\"ipam\": {\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"gateway\": \"10.1.2.1/24\"}]]}",
        "ipam.ranges[0][0].gateway is \"10.1.2.1/24\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0/24\", \"exclude\": [\"x\"]}", "ipam.exclude[0] is \"x\"")]
    [InlineData(
        "\"ipam\": {\"ranges\": [[{\"subnet\": \"10.1.2.0/24\", \"exclude\": [\"10.1.2.4\", \"10.1.3.4\"]}]]}",
        "ipam.ranges[0][0].exclude[1] is \"10.1.3.4\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0/24\", \"exclude\": [\"10.1.2.0/23\"]}", "ipam.exclude[0] is \"10.1.2.0/23\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0/24\", \"exclude\": [\"10.1.2.0/24\"]}", "ipam has no address to give")]
    [InlineData("\"ipam\": {\"exclude\": [\"10.1.2.4\"], \"ranges\": [[{\"subnet\": \"10.1.2.0/24\"}]]}", "ipam.subnet is \"\"")]
    [InlineData("\"ipam\": {}, \"runtimeConfig\": {\"ipRanges\": [[{\"subnet\": \"x\"}]]}", "runtimeConfig.ipRanges[0][0].subnet is \"x\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0/24\", \"routes\": [{\"dst\": \"0.0.0.0\"}]}", "ipam.routes[0].dst is \"0.0.0.0\"")]
    [InlineData("\"ipam\": {\"subnet\": \"10.1.2.0/24\", \"routes\": [{\"gw\": \"10.1.2.1\"}]}", "ipam.routes[0] has no \"dst\"")]
    public void Section_that_cannot_be_used_is_refused(string members, string words) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [words], () => Read(members));

    [Theory]
    [InlineData("""{"subnet": "10.1.2.3/24"}""", "10.1.2.3/24", "host bits")]
    [InlineData("""{"subnet": "fd00::1/64"}""", "fd00::1/64", "host bits")]
    [InlineData("""{"subnet": "10.1.2.0/24", "rangeStart": "10.1.3.1"}""", "rangeStart 10.1.3.1", "10.1.2.0/24")]
    [InlineData("""{"subnet": "10.1.2.0/24", "rangeEnd": "10.1.3.1"}""", "rangeEnd 10.1.3.1", "10.1.2.0/24")]
    [InlineData(
        """{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.9", "rangeEnd": "10.1.2.8"}""", "rangeStart 10.1.2.9", "rangeEnd 10.1.2.8")]
    [InlineData("""{"subnet": "10.1.2.0/24", "gateway": "fd00::1"}""", "gateway fd00::1", "family")]
    [InlineData("""{"ranges": [[]]}""", "empty", "range")]
    [InlineData("""{"ranges": [[{"subnet": "10.1.2.0/24"}, {"subnet": "fd00::/64"}]]}""", "10.1.2.1", "families")]
    [InlineData("""{"ranges": [[{"subnet": "10.1.2.0/24"}, {"subnet": "10.1.2.128/25"}]]}""", "10.1.2.129", "overlap")]
    [InlineData("""{"ranges": [[{"subnet": "10.1.2.0/24"}], [{"subnet": "10.1.0.0/16"}]]}""", "10.1.0.1", "overlap")]
    [InlineData("""{"subnet": "10.1.2.0/24", "ranges": [[{"subnet": "10.1.2.0/25"}]]}""", "10.1.2.1", "overlap")]
    public void Range_that_makes_no_sense_is_refused(string ipam, string what, string why)
    {
        IpamException error = Assert.Throws<IpamException>(() => Read($"\"ipam\": {ipam}"));
        Assert.Equal(IpamErrorKind.InvalidRange, error.Kind);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"ipam\": []", "ipam")]
    [InlineData("\"ipam\": {\"subnet\": 10}", "ipam.subnet")]
    [InlineData("\"ipam\": {\"ranges\": {}}", "ipam.ranges")]
    [InlineData("\"ipam\": {\"ranges\": [[5]]}", "ipam.ranges[0][0]")]
    [InlineData("\"ipam\": {\"ranges\": [5]}", "ipam.ranges[0]")]
    [InlineData("\"ipam\": {\"routes\": {}}", "ipam.routes")]
    [InlineData("\"ipam\": {\"dataDir\": false}", "ipam.dataDir")]
    [InlineData("\"ipam\": {\"resolvConf\": []}", "ipam.resolvConf")]
    [InlineData("\"ipam\": {\"statusOnExhaustion\": 1}", "ipam.statusOnExhaustion")]
    [InlineData("\"args\": {\"cni\": {\"ips\": \"10.1.2.3\"}}", "args.cni.ips")]
    [InlineData("\"runtimeConfig\": {\"ipRanges\": {}}", "runtimeConfig.ipRanges")]
    public void Value_of_the_wrong_type_is_refused(string members, string key) =>
        TestCall.AssertFails(CniErrorCode.DecodingFailure, [$"{key} is ", "expected"], () => Read(members));

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    public void Old_results_have_room_for_one_address_of_each_family(string version)
    {
        HostLocalSettings ReadOld(string ranges) => TestCall.Run(
            FakeHost.For("ADD", $$"""{"cniVersion": "{{version}}", "name": "pods", "ipam": {"ranges": {{ranges}} } }"""),
            HostLocalSettings.Read);
        Assert.Equal(2, ReadOld("""[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}]]""").RangeSets.Count);
        TestCall.AssertFails(
            CniErrorCode.InvalidNetworkConfig,
            [$"cniVersion {version}", "0.3.0"],
            () => ReadOld("""[[{"subnet": "10.1.2.0/24"}], [{"subnet": "10.1.3.0/24"}]]"""));
    }

    [Theory]
    [InlineData("", "/run/cni/networks")]
    [InlineData("\"ipam\": {\"dataDir\": \"/x\"}", "/x")]
    [InlineData("\"ipam\": {\"DATADIR\": \"/x\", \"dataDir\": null}", "/x")]
    // What an ADD would refuse must not keep a DEL from giving the address back.
    [InlineData(
        "\"ipam\": {\"subnet\": 5, \"routes\": [{\"dst\": \"x\"}], \"ranges\": {}, \"dataDir\": \"/x\"}, \"args\": 5, "
        + "\"runtimeConfig\": []",
        "/x")]
    public void Directory_is_found_whatever_the_other_keys_hold(string members, string expected) =>
        Assert.Equal(expected, TestCall.Run(TestCall.HostFor("DEL", members), HostLocalSettings.ReadDataDir));
}
