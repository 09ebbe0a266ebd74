using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using Linux;

namespace Cni.Tests;

public sealed class TypedConfigTests
{
    [Fact]
    [Trait("Conformance", "C16")]
    [Trait("Conformance", "C17")]
    [Trait("Conformance", "C19")]
    public void Values_of_every_kind_arrive_whatever_the_case()
    {
        SampleConfig config = Read("""
            {"name": "n", "RATE": 34359738359, "Mtu": 1500, "snat": false, "text": "\u00e9<", "tags": ["a", "b"], "other": {"x": [null]},
             "portMAPPINGS": [{"HostPort": 80, "hostIP": ""}, {"HOSTPORT": 81, "HostIP": "10.0.0.1"}],
             "ranges": [[{"Subnet": "10.1.2.3/24"}], [{"subnet": "fd00::/64"}]], "mac": "02-00-00-00-00-0A", "gateway": "fd00::1"}
            """);
        Assert.Equal((34359738359UL, 1500, false, "é<"), (config.Rate, config.Mtu, config.Snat, config.Text));
        Assert.Equal(["a", "b"], config.Tags);
        Assert.Equal([80, 81], config.PortMappings.Select(mapping => mapping.HostPort));
        Assert.Equal([null, IPAddress.Parse("10.0.0.1")], config.PortMappings.Select(mapping => mapping.HostIP));
        Assert.Equal("10.1.2.3/24", config.Ranges[0][0].Subnet.ToString());
        Assert.Equal("fd00::/64", config.Ranges[1][0].Subnet.ToString());
        Assert.Equal("02:00:00:00:00:0a", config.Mac.ToString());
        Assert.Equal("fd00::1", config.Gateway!.ToString());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"rate": null, "mtu": null, "snat": null, "text": null, "tags": null, "portMappings": null, "ranges": null, "mac": null, "gateway": null, "routes": null}""")]
    [InlineData("""{"mtu": 7, "mtu": null, "tags": [null], "portMappings": [null, null], "ranges": [], "text": "null"}""")]
    [Trait("Conformance", "C18")]
    public void Null_is_absence_and_keeps_defaults(string json)
    {
        SampleConfig config = Read(json);
        Assert.Equal((0UL, true), (config.Rate, config.Snat));
        Assert.Empty(config.Tags);
        Assert.Empty(config.PortMappings);
        Assert.Empty(config.Ranges);
        Assert.Null(config.Mac);
        Assert.Null(config.Gateway);
        Assert.Empty(config.Routes);
        // As in Go, a null after a value leaves the value.
        Assert.Equal(json.Contains('7') ? 7 : 0, config.Mtu);
    }

    [Fact]
    public void Last_of_equal_keys_wins() => Assert.Equal(2, Read("""{"mtu": 1, "MTU": 2}""").Mtu);

    [Fact]
    public void Routes_are_read_as_in_results()
    {
        CniRoute route = Assert.Single(Read("""{"routes": [{"dst": "10.0.0.0/8", "gw": "", "mtu": 1400, "table": 0}]}""").Routes);
        Assert.Equal(new CniRoute { Destination = new IpPrefix(IPAddress.Parse("10.0.0.0"), 8), Mtu = 1400, Table = 0 }, route);
    }

    [Theory]
    [InlineData("""{"mtu": "1500"}""", 6, "mtu is \"1500\", expected a whole number")]
    [InlineData("""{"mtu": 1500.5}""", 6, "mtu is 1500.5, expected a whole number")]
    [InlineData("""{"mtu": 1e3}""", 6, "mtu is 1e3, expected a whole number")]
    [InlineData("""{"mtu": 1.0}""", 6, "mtu is 1.0, expected a whole number")]
    [InlineData("""{"mtu": 4294967296}""", 6, "mtu is 4294967296, expected a whole number")]
    [InlineData("""{"mtu": {"a": 1}}""", 6, "mtu is an object, expected a whole number")]
    [InlineData("""{"rate": -1}""", 6, "rate is -1, expected a whole number")]
    [InlineData("""{"snat": "yes"}""", 6, "snat is \"yes\", expected true or false")]
    [InlineData("""{"text": 5}""", 6, "text is 5, expected a string")]
    [InlineData("""{"tags": "a"}""", 6, "tags is \"a\", expected a list")]
    [InlineData("""{"tags": ["a", {}]}""", 6, "tags[1] is an object, expected a string")]
    [InlineData("""{"portMappings": [{"hostPort": 1}, {"hostPort": true}]}""", 6, "portMappings[1].hostPort is true, expected a whole number")]
    [InlineData("""{"portMappings": [5]}""", 6, "portMappings[0] is 5, expected an object")]
    [InlineData("""{"portMappings": [{"hostIP": "10.0.0.256"}]}""", 7, "portMappings[0].hostIP is \"10.0.0.256\", expected an IP address")]
    [InlineData("""{"ranges": [[{"subnet": "10.0.0.0/8"}, {"subnet": "10.0.0.0/33"}]]}""", 7, "ranges[0][1].subnet is \"10.0.0.0/33\", expected an address with its prefix length")]
    [InlineData("""{"ranges": [[{"subnet": 5}]]}""", 6, "ranges[0][0].subnet is 5, expected an address with its prefix length")]
    [InlineData("""{"MAC": "xy"}""", 7, "MAC is \"xy\", expected a MAC address")]
    [InlineData("{\n\"name\": \"n\",\n  \"mtu\":\n \"é\"}", 6, "mtu is \"é\", expected a whole number")]
    [InlineData("""{"tags": null, "mtu": "x"}""", 6, "mtu is \"x\", expected a whole number")]
    [InlineData("""{"routes": [{"gw": "10.0.0.1"}]}""", 7, "'dst'")]
    [InlineData("""[]""", 6, "the document is a list, expected an object")]
    [Trait("Conformance", "C16")]
    public void Fault_is_named_with_path_value_and_expectation(string json, int code, string problem)
    {
        CniException error = Assert.Throws<CniException>(() => Read(json));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(code, (int)error.Code);
    }

    private static SampleConfig Read(string json) => TypedConfig.Read(Encoding.UTF8.GetBytes(json), new SampleJson(JsonSettings.Create()).SampleConfig);
}

internal sealed class SampleConfig
{
    [JsonPropertyName("mtu")]
    public int Mtu { get; set; }

    [JsonPropertyName("rate")]
    public ulong Rate { get; set; }

    [JsonPropertyName("snat")]
    public bool Snat { get; set; } = true;

    [JsonPropertyName("text")]
    public string Text { get; set; } = "";

    [JsonPropertyName("tags")]
    public string[] Tags { get; set; } = [];

    [JsonPropertyName("portMappings")]
    public SamplePortMapping[] PortMappings { get; set; } = [];

    [JsonPropertyName("ranges")]
    public SampleRange[][] Ranges { get; set; } = [];

    [JsonPropertyName("mac")]
    public MacAddress? Mac { get; set; }

    [JsonPropertyName("gateway")]
    public IPAddress? Gateway { get; set; }

    [JsonPropertyName("routes")]
    public IReadOnlyList<CniRoute> Routes { get; set; } = [];
}

internal sealed class SamplePortMapping
{
    [JsonPropertyName("hostPort")]
    public int HostPort { get; set; }

    [JsonPropertyName("hostIP")]
    public IPAddress? HostIP { get; set; }
}

internal sealed class SampleRange
{
    [JsonPropertyName("subnet")]
    public IpPrefix Subnet { get; set; }
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SampleConfig))]
internal sealed partial class SampleJson : JsonSerializerContext;
