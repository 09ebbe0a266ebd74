using System.Net;
using System.Text;
using System.Text.Json;
using Linux.Addresses;
using TestKit;

namespace Cni.Tests;

public sealed class CniResultTests
{
    /// <summary>Everything that a result can hold, as each family shows it.</summary>
    private static readonly Dictionary<ResultFamily, string> s_shapes = new()
    {
        [ResultFamily.Ip4AndIp6] = """
            {"cniVersion": "$",
             "ip4": {"ip": "10.1.2.3/24", "gateway": "10.1.2.1",
                     "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.2.9"}]},
             "ip6": {"ip": "fd00::3/64", "routes": [{"dst": "::/0", "gw": "fd00::1"}]},
             "dns": {"nameservers": ["10.1.2.1"], "domain": "example.org", "search": ["a", "b"], "options": ["ndots:5"]}}
            """,
        [ResultFamily.VersionedIps] = """
            {"cniVersion": "$",
             "interfaces": [{"name": "cni0", "mac": "02:00:00:00:00:01"},
                            {"name": "eth0", "mac": "02:00:00:00:00:02", "sandbox": "/run/netns/a"}],
             "ips": [{"version": "4", "address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 0},
                     {"version": "6", "address": "fd00::3/64", "interface": 1},
                     {"version": "4", "address": "10.7.7.7/32"}],
             "routes": [{"dst": "0.0.0.0/0"},
                        {"dst": "10.9.0.0/16", "gw": "10.1.2.9", "mtu": 1400, "advmss": 1300, "priority": 7, "table": 0, "scope": 0},
                        {"dst": "::/0", "gw": "fd00::1"}],
             "dns": {"nameservers": ["10.1.2.1"], "domain": "example.org", "search": ["a", "b"], "options": ["ndots:5"]}}
            """,
        [ResultFamily.Ips] = """
            {"cniVersion": "$",
             "interfaces": [{"name": "cni0", "mac": "02:00:00:00:00:01"},
                            {"name": "eth0", "mac": "02:00:00:00:00:02",
                             "mtu": 1500, "socketPath": "/s", "pciID": "0000:00:1f.6", "sandbox": "/run/netns/a"}],
             "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 0}, {"address": "fd00::3/64", "interface": 1},
                     {"address": "10.7.7.7/32"}],
             "routes": [{"dst": "0.0.0.0/0"},
                        {"dst": "10.9.0.0/16", "gw": "10.1.2.9", "mtu": 1400, "advmss": 1300, "priority": 7, "table": 0, "scope": 0},
                        {"dst": "::/0", "gw": "fd00::1"}],
             "dns": {"nameservers": ["10.1.2.1"], "domain": "example.org", "search": ["a", "b"], "options": ["ndots:5"]}}
            """,
    };

    public static TheoryData<string> Versions => [.. CniVersions.All];

    public static TheoryData<string, string> VersionPairs()
    {
        TheoryData<string, string> pairs = [];
        foreach (string from in CniVersions.All)
        {
            foreach (string to in CniVersions.All)
                pairs.Add(from, to);
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(VersionPairs))]
    [Trait("Conformance", "C23")]
    [Trait("Conformance", "C24")]
    [Trait("Conformance", "C25")]
    public void Converts_from_every_version_to_every_version(string from, string to)
    {
        ResultFamily source = CniVersions.FamilyOf(from)!.Value;
        ResultFamily target = CniVersions.FamilyOf(to)!.Value;
        CniResult result = CniResult.Parse(Utf8(Shape(source, from)), defaultVersion: "");
        string expected = (source, target) switch
        {
            (ResultFamily.Ip4AndIp6, ResultFamily.VersionedIps) => """
                {"cniVersion": "$",
                 "ips": [{"version": "4", "address": "10.1.2.3/24", "gateway": "10.1.2.1"}, {"version": "6", "address": "fd00::3/64"}],
                 "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.2.9"}, {"dst": "::/0", "gw": "fd00::1"}],
                 "dns": {"nameservers": ["10.1.2.1"], "domain": "example.org", "search": ["a", "b"], "options": ["ndots:5"]}}
                """,
            (ResultFamily.Ip4AndIp6, ResultFamily.Ips) => """
                {"cniVersion": "$",
                 "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1"}, {"address": "fd00::3/64"}],
                 "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.2.9"}, {"dst": "::/0", "gw": "fd00::1"}],
                 "dns": {"nameservers": ["10.1.2.1"], "domain": "example.org", "search": ["a", "b"], "options": ["ndots:5"]}}
                """,
            // What the older family cannot say is not there to be taken over.
            (ResultFamily.VersionedIps, ResultFamily.Ips) => s_shapes[ResultFamily.Ips].Replace(
                """ "mtu": 1500, "socketPath": "/s", "pciID": "0000:00:1f.6",""", "", StringComparison.Ordinal),
            _ => s_shapes[target],
        };
        AssertSameJson(expected.Replace("$", to, StringComparison.Ordinal), result.ToJson(to));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("Conformance", "C39")]
    public void Empty_dns_is_an_object_before_1_0_0_and_absent_since(string version)
    {
        CniResult result = new() { Ips = { new CniIp { Address = new IpPrefix(IPAddress.Parse("10.1.2.3"), 24) } }, Dns = new CniDns() };
        using JsonDocument document = JsonDocument.Parse(result.ToJson(version));
        Assert.Equal(CniVersions.FamilyOf(version) != ResultFamily.Ips, document.RootElement.TryGetProperty("dns", out JsonElement dns));
        if (dns.ValueKind != JsonValueKind.Undefined)
            Assert.Empty(dns.EnumerateObject());
    }

    [Fact]
    [Trait("Conformance", "C24")]
    public void Empty_lists_and_values_are_left_out()
    {
        CniResult result = CniResult.Parse(
            """
            {"interfaces": [{"name": "a", "mac": "", "mtu": 0, "sandbox": "", "socketPath": "", "pciID": ""}],
             "ips": [], "routes": null, "dns": {"domain": "", "search": []}}
            """u8,
            "1.1.0");
        AssertSameJson("""{"cniVersion": "1.1.0", "interfaces": [{"name": "a"}]}""", result.ToJson("1.1.0"));
    }

    [Fact]
    public void Output_is_indented_by_four_spaces_and_ends_with_the_brace()
    {
        string text = Encoding.UTF8.GetString(new CniResult { Interfaces = { new CniInterface { Name = "lo" } } }.ToJson("1.0.0"));
        Assert.Equal(
            "{\n    \"cniVersion\": \"1.0.0\",\n    \"interfaces\": [\n        {\n            \"name\": \"lo\"\n        }\n    ]\n}", text);
    }

    [Fact]
    [Trait("Conformance", "C35")]
    public void Version_0_2_0_needs_an_address()
    {
        CniResult result = new();
        Assert.False(result.CanBeWrittenAs("0.2.0", out string? problem));
        Assert.Contains("need an IP address", problem, StringComparison.Ordinal);
        Assert.Equal(CniErrorCode.InvalidNetworkConfig, Assert.Throws<CniException>(() => result.ToJson("0.1.0")).Code);
        Assert.True(result.CanBeWrittenAs("0.3.0", out problem));
        Assert.Null(problem);
    }

    [Fact]
    public void Version_0_2_0_drops_routes_of_a_family_without_address()
    {
        CniResult result = CniResult.Parse(
            """{"ips": [{"address": "fd00::3/64"}], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}"""u8, "1.0.0");
        AssertSameJson(
            """{"cniVersion": "0.2.0", "ip6": {"ip": "fd00::3/64", "routes": [{"dst": "::/0"}]}, "dns": {}}""", result.ToJson("0.2.0"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [Trait("Conformance", "C25")]
    public void Interface_index_out_of_range_is_never_written(int index)
    {
        CniResult result = new()
        {
            Interfaces = { new CniInterface { Name = "eth0" } },
            Ips = { new CniIp { Address = new IpPrefix(IPAddress.Parse("10.1.2.3"), 24), Interface = index } },
        };
        Assert.False(result.CanBeWrittenAs("1.1.0", out string? problem));
        Assert.Equal($"ips[0].interface is {index}, but there are 1 interfaces", problem);
    }

    [Fact]
    public void Version_0_3_0_may_call_the_list_ip() =>
        Assert.Single(CniResult.Parse("""{"cniVersion": "0.3.0", "ip": [{"version": "4", "address": "10.1.2.3/24"}]}"""u8, "").Ips);

    [Fact]
    public void Empty_gateway_is_none_and_host_bits_stay()
    {
        CniIp ip = Assert.Single(CniResult.Parse("""{"IPS": [{"Address": "10.1.2.3/24", "Gateway": ""}]}"""u8, "1.0.0").Ips);
        Assert.Null(ip.Gateway);
        Assert.Equal("10.1.2.3/24", ip.Address.ToString());
    }

    [Theory]
    [InlineData("""{"cniVersion": "2.0.0"}""", CniErrorCode.IncompatibleVersion, "unsupported CNI result version \"2.0.0\"")]
    [InlineData(
        """{"ips": [{"address": "10.1.2.3/24"}, {"gateway": "10.1.2.1"}]}""",
        CniErrorCode.InvalidNetworkConfig,
        "result: ips[1] has no \"address\"")]
    [InlineData(
        """{"ips": [{"address": "10.1.2.3"}]}""",
        CniErrorCode.InvalidNetworkConfig,
        "ips[0].address is \"10.1.2.3\", expected an address with its prefix length")]
    [InlineData("""{"ips": [{"address": 5}]}""", CniErrorCode.DecodingFailure, "ips[0].address is 5, expected a string")]
    [InlineData(
        """{"ips": [{"address": "10.1.2.3/24", "interface": 1.0}]}""",
        CniErrorCode.DecodingFailure,
        "ips[0].interface is 1.0, expected a whole number")]
    [InlineData(
        """{"ips": [{"address": "10.1.2.3/24", "interface": 1e3}]}""",
        CniErrorCode.DecodingFailure,
        "ips[0].interface is 1e3, expected a whole number")]
    [InlineData("""{"interfaces": [{"mac": "x"}]}""", CniErrorCode.InvalidNetworkConfig, "interfaces[0] has no \"name\"")]
    [InlineData("""{"interfaces": {}}""", CniErrorCode.DecodingFailure, "interfaces is an object, expected a list")]
    [InlineData("""{"routes": [{"dst": "010.0.0.0/8"}]}""", CniErrorCode.InvalidNetworkConfig, "routes[0].dst is \"010.0.0.0/8\"")]
    [InlineData("""{"routes": [{"dst": "0.0.0.0/0", "mtu": -1}]}""", CniErrorCode.DecodingFailure, "routes[0].mtu is -1")]
    [InlineData("""{"dns": {"search": ["a", 1]}}""", CniErrorCode.DecodingFailure, "dns.search[1] is 1, expected a string")]
    [InlineData("""{"ips": [}""", CniErrorCode.DecodingFailure, "result is not valid JSON")]
    [InlineData("""{} {}""", CniErrorCode.DecodingFailure, "result is not valid JSON")]
    public void Fault_is_named_with_its_place(string json, CniErrorCode code, string problem)
    {
        CniException error = Assert.Throws<CniException>(() => CniResult.Parse(Utf8(json), "1.0.0"));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(code, error.Code);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("Conformance", "C36")]
    public void Chained_plugin_with_nothing_to_do_hands_on_everything(string version)
    {
        string previous = Shape(CniVersions.FamilyOf(version)!.Value, version)
            .Replace("\"dns\"", "\"vendor.example/x\": {\"deep\": [1.50, null, \"\\u00e9\"]}, \"dns\"", StringComparison.Ordinal);
        if (version != "0.1.0" && version != "0.2.0")
        {
            previous = previous.Replace("\"name\": \"eth0\"", "\"name\": \"eth0\", \"vf\": 3", StringComparison.Ordinal)
                .Replace("\"address\": \"fd00::3/64\"", "\"address\": \"fd00::3/64\", \"note\": \"x\"", StringComparison.Ordinal);
        }
        FakeHost host = FakeHost.For("ADD", $$"""{"cniVersion": "{{version}}", "name": "n", "prevResult": {{previous}}}""");
        _ = Answer.Result(host, new FakePlugin { OnAdd = invocation => invocation.RequiredPrevResult });
        AssertSameJson(previous, Utf8(host.Output));
    }

    [Theory]
    [InlineData("0.2.0", """{"ip4": {"ip": "10.1.2.3/24"}}""")]
    [InlineData("0.4.0", """{"ips": [{"version": "4", "address": "10.1.2.3/24"}]}""")]
    [InlineData("1.0.0", """{"ips": [{"address": "10.1.2.3/24"}]}""")]
    [InlineData("1.0.0", """{"cniVersion": "1.1.0", "ips": [{"address": "10.1.2.3/24"}]}""")]
    [InlineData("0.3.0", """{"cniVersion": "", "ips": [{"address": "10.1.2.3/24"}]}""")]
    [Trait("Conformance", "C37")]
    public void PrevResult_is_read_in_the_configs_family(string version, string previous)
    {
        FakeHost host = FakeHost.For("DEL", $$"""{"cniVersion": "{{version}}", "name": "n", "PrevResult": {{previous}}}""");
        Answer.Silence(host, new FakePlugin
        {
            OnOther = invocation => Assert.Equal("10.1.2.3/24", Assert.Single(invocation.PrevResult!.Ips).Address.ToString()),
        });
    }

    [Theory]
    [InlineData("""{"cniVersion": "0.4.0"}""", 7, "prevResult.cniVersion is \"0.4.0\"")]
    [InlineData("""{"cniVersion": "7"}""", 1, "unsupported CNI result version \"7\"")]
    [InlineData("""[]""", 6, "prevResult is a list, expected an object")]
    [InlineData("""{"ips": [{"address": true}]}""", 6, "prevResult.ips[0].address is true, expected a string")]
    [Trait("Conformance", "C37")]
    public void PrevResult_that_makes_no_sense_is_refused(string previous, int expectedCode, string problem)
    {
        FakeHost host = FakeHost.For("ADD", $$"""{"cniVersion": "1.0.0", "name": "n", "prevResult": {{previous}}}""");
        (int code, string message, _) = Answer.Error(host, new FakePlugin { OnAdd = invocation => invocation.RequiredPrevResult });
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.Equal(expectedCode, code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(7)]
    public void PrevResult_whose_interface_leads_nowhere_is_one_that_names_none(int index)
    {
        string previous = $$"""{"cniVersion": "1.0.0", "ips": [{"address": "10.1.2.3/24", "interface": {{index}}}]}""";
        FakeHost host = FakeHost.For("ADD", $$"""{"cniVersion": "1.0.0", "name": "n", "prevResult": {{previous}}}""");
        _ = Answer.Result(host, new FakePlugin { OnAdd = invocation => invocation.RequiredPrevResult });
        CniResult result = CniResult.Parse(Utf8(host.Output), "1.0.0");
        Assert.Null(Assert.Single(result.Ips).Interface);
        _ = Assert.Single(result.IpsOf("eth0"));
    }

    [Theory]
    [InlineData("ADD", "must be called as chained plugin")]
    [InlineData("CHECK", "CHECK needs the prevResult")]
    [Trait("Conformance", "C36")]
    [Trait("Conformance", "C58")]
    public void Missing_prevResult_is_an_error_where_it_is_needed(string command, string problem)
    {
        (int code, string message, _) = Answer.Error(FakeHost.For(command), new FakePlugin
        {
            OnAdd = invocation => invocation.RequiredPrevResult,
            OnOther = invocation => _ = invocation.RequiredPrevResult,
        });
        Assert.Equal(7, code);
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C38")]
    public void Config_tells_its_dns_and_ipam_type_or_null()
    {
        CniDns? dns = null;
        string? type = "unset";
        FakePlugin plugin = new() { OnOther = invocation => (dns, type) = (invocation.Dns, invocation.IpamType) };
        Answer.Silence(
            FakeHost.For(
                "DEL",
                """{"name": "n", "dns": {"Nameservers": ["10.0.0.1"], "search": null}, "ipam": {"subnet": "x", "Type": "host-local"}}"""),
            plugin);
        Assert.Equal(["10.0.0.1"], dns!.Nameservers);
        Assert.Equal("host-local", type);
        Answer.Silence(FakeHost.For("DEL", """{"name": "n", "ipam": {"type": ""}}"""), plugin);
        Assert.Null(dns);
        Assert.Null(type);
    }

    private static string Shape(ResultFamily family, string version) => s_shapes[family].Replace("$", version, StringComparison.Ordinal);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void AssertSameJson(string expected, byte[] actual)
    {
        using JsonDocument left = JsonDocument.Parse(expected);
        using JsonDocument right = JsonDocument.Parse(actual);
        Assert.True(
            JsonElement.DeepEquals(left.RootElement, right.RootElement), $"expected {expected}\nactual {Encoding.UTF8.GetString(actual)}");
    }
}
