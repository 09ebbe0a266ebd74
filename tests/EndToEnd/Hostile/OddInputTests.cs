using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>JSON and names that are odd and legal work; what is not legal is refused before anything is changed.</summary>
public sealed class OddInputTests : IDisposable
{
    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    public static TheoryData<string> Legal =>
    [
        "nulls",
        "PascalCase",
        "SHOUTING",
        "duplicates",
        "escapes",
        "CRLF",
        "white space",
        "large",
        "deep",
        "numbers",
        "foreign",
        "empty lists",
    ];

    // checklist.txt, C16 to C19.
    [Theory]
    [MemberData(nameof(Legal))]
    public void Odd_and_legal_configurations_serve_every_verb(string kind)
    {
        string plain = _network.Config();
        string config = Odd(kind, plain);
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        PluginResult added = _network.Plugin.Add("bridge", config, pod).ExpectSuccess();
        Assert.Equal(added.Json.GetProperty("ips")[0].GetProperty("address").GetString(), $"{pod.Address()}/24");
        pod.AssertReaches(HostileNetwork.Gateway);
        _ = _network.Plugin.Check("bridge", added.WithPrevResult(plain), pod).ExpectSuccess();
        _ = _network.Plugin.Run("bridge", "STATUS", config).ExpectSuccess();
        Assert.Equal([LeaseFiles.Line(pod)], _network.Leases.Held());
        _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        _ = _network.Plugin.Run("bridge", "GC", config).ExpectSuccess();

        Assert.Empty(_network.Leases.Held());
        NodeState.Of(_network.Sandbox).AssertNoTraceOf(" pod ");
    }

    // checklist.txt, C12.
    [Theory]
    [InlineData("", 6)]
    [InlineData(" \r\n", 6)]
    [InlineData("{", 6)]
    [InlineData("[]", 6)]
    [InlineData("null", 6)]
    [InlineData("\"text\"", 6)]
    [InlineData("CONFIG garbage", 6)]
    [InlineData("CONFIG {}", 6)]
    [InlineData("CONFIG\0", 6)]
    [InlineData("\uFEFFCONFIG", 6)]
    [InlineData("{ \"name\": \"\\ud800\" }", 6)]
    [InlineData("{ \"name\": 1 }", 6)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"ipam\": [] }", 6)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"ipam\": { \"type\": \"../host-local\" } }", 7)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"ipam\": { \"type\": \"host\\u0000local\" } }", 7)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"mtu\": 99999999999999999999 }", 6)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"mtu\": -1 }", 7)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"mtu\": 1500.5 }", 6)]
    [InlineData("{ \"name\": \"hostile\", \"cniVersion\": \"1.1.0\", \"isGateway\": \"true\" }", 6)]
    [InlineData("{ // comment\n \"name\": \"hostile\" }", 6)]
    [InlineData("{ \"name\": \"hostile\", }", 6)]
    [InlineData("{ 'name': 'hostile' }", 6)]
    [InlineData("{ \"name\": \"hostile\", \"x\": NaN }", 6)]
    public void What_is_no_configuration_is_refused_and_changes_nothing(string config, int code)
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        NodeState before = NodeState.Of(_network.Sandbox);

        PluginResult failed = _network.Plugin.Add("bridge", config.Replace("CONFIG", _network.Config(), StringComparison.Ordinal), pod);

        _ = failed.ExpectError(code);
        Assert.DoesNotContain("internal error", failed.Output, StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        Assert.False(Directory.Exists(_network.DataDir));
    }

    [Fact]
    public void A_nesting_that_is_no_configuration_is_refused_without_a_crash()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        string config = _network.Config().Insert(1, $"\"deep\": {deep},");

        _ = _network.Plugin.Add("bridge", config, Pod.Create(_network.Sandbox, "pod")).ExpectError(code: 6);
    }

    // Aliases and comments hold only a part of such names; everything must be found all the same.
    [Fact]
    public void Long_names_are_found_by_every_verb()
    {
        string network = new('n', 220), container = new('c', 240);
        string config = _network.Config(from: 10, to: 12, name: network);
        LeaseFiles leases = new(_network.DataDir, network);
        string netns = Pod.Create(_network.Sandbox, "pod").Netns, other = Pod.Create(_network.Sandbox, "other").Netns;
        Pod[] pods =
        [
            new(_network.Sandbox, container + "1", netns, "fifteen-byte-é"),
            new(_network.Sandbox, container + "1", netns, "日本語"),
            new(_network.Sandbox, container + "2", other, "fifteen-byte-é"),
        ];
        PluginResult[] added = [.. pods.Select(pod => _network.Plugin.Add("bridge", config, pod).ExpectSuccess())];
        Assert.Equal(3, pods.Select(pod => pod.Address()).Distinct().Count());
        foreach ((Pod pod, PluginResult result) in pods.Zip(added))
        {
            pod.AssertReaches(HostileNetwork.Gateway);
            _ = _network.Plugin.Check("bridge", result.WithPrevResult(config), pod).ExpectSuccess();
        }
        // What nft writes it must be able to read again.
        _ = _network.Sandbox.Run("sh", "-euc", "nft list ruleset >/run/ruleset; nft --check -f /run/ruleset");

        _ = _network.Plugin.Run("bridge", "GC", HostileNetwork.WithValid(config, pods[0], pods[2])).ExpectSuccess();
        Assert.Equal(new[] { pods[0], pods[2] }.Select(LeaseFiles.Line).Order(StringComparer.Ordinal), leases.Held());
        pods[0].AssertReaches(HostileNetwork.Gateway);

        // The key alone must do: no namespace, no result.
        _ = _network.Plugin.Run("bridge", "DEL", config, pods[0].ContainerId, "", pods[0].InterfaceName).ExpectSuccess();
        Assert.Equal([LeaseFiles.Line(pods[2])], leases.Held());
        pods[2].AssertReaches(HostileNetwork.Gateway);
        _ = _network.Plugin.Run("bridge", "GC", config).ExpectSuccess();

        Assert.Empty(leases.Held());
        Assert.DoesNotContain("veth", _network.Sandbox.Run("ip", "-o", "link"), StringComparison.Ordinal);
        Assert.DoesNotContain("comment", _network.Sandbox.Run("nft", "list", "ruleset"), StringComparison.Ordinal);
    }

    private static string Odd(string kind, string config)
    {
        const string NullRanges = "{ \"ranges\": null, \"routes\": null, \"gateway\": null, \"resolvConf\": null,";
        string Member(int number) => $$"""{ "key{{number}}": "{{new string('ä', 50)}}" }""";
        string Add(string members) => config.Insert(config.IndexOf('{', StringComparison.Ordinal) + 1, members + ",");
        return kind switch
        {
            "nulls" => Add("""
                "prevResult": null, "runtimeConfig": null, "args": null, "dns": null, "capabilities": null, "mtu": null, "vlan": null,
                "vlanTrunk": null, "hairpinMode": null, "cni.dev/valid-attachments": null, "ipam": null, "mac": null, "bridge": null
                """)
                .Replace("\"ipam\": {", $"\"ipam\": {NullRanges}", StringComparison.Ordinal),
            "PascalCase" => config
                .Replace("\"isGateway\"", "\"IsGateway\"", StringComparison.Ordinal)
                .Replace("\"ipam\"", "\"Ipam\"", StringComparison.Ordinal)
                .Replace("\"subnet\"", "\"Subnet\"", StringComparison.Ordinal).Replace("\"name\"", "\"Name\"", StringComparison.Ordinal)
                .Replace("\"dataDir\"", "\"DataDir\"", StringComparison.Ordinal)
                .Replace("\"cniVersion\"", "\"CniVersion\"", StringComparison.Ordinal),
            "SHOUTING" => config
                .Replace("\"isGateway\"", "\"ISGATEWAY\"", StringComparison.Ordinal)
                .Replace("\"ipam\"", "\"IPAM\"", StringComparison.Ordinal)
                .Replace("\"ipMasq\"", "\"IPMASQ\"", StringComparison.Ordinal)
                .Replace("\"rangeStart\"", "\"RANGESTART\"", StringComparison.Ordinal),
            "duplicates" => Add("\"name\": \"other\", \"isGateway\": false, \"bridge\": \"other0\", \"cniVersion\": \"0.3.0\""),
            "escapes" => config
                .Replace("\"hostile\"", "\"\\u0068ostile\"", StringComparison.Ordinal)
                .Replace("\"ipam\"", "\"\\u0069pa\\u006d\"", StringComparison.Ordinal)
                .Replace("10.35.0.0/24", "10.35.0.0\\/24", StringComparison.Ordinal),
            "CRLF" => config.ReplaceLineEndings("\r\n") + "\r\n",
            "white space" => $"\n\t  {config}{new string(' ', 100_000)}\n",
            "large" => Add($"\"large\": [{string.Join(',', Enumerable.Range(0, 10_000).Select(Member))}]"),
            "deep" => Add($"\"deep\": {new string('[', 200)}{new string(']', 200)}"),
            "numbers" => Add("\"huge\": 123456789012345678901234567890, \"exponent\": 1e999, \"tiny\": -0.0e-999, \"mtu\": 0, \"vlan\": 0"),
            "foreign" => Add("""
                "capabilities": { "ips": true }, "runtimeConfig": { "cgroupPath": "/x", "dns": { "Servers": null, "Searches": null,
                "Options": null }, "portMappings": [] }, "args": { "cni": { "labels": [{ "key": "a", "value": "b" }], "ips": [] },
                "podman_labels": { "x": "y" } }, "": "", "\u0000": 0, "🦊": "🦊"
                """),
            "empty lists" => Add("\"runtimeConfig\": { \"ips\": [], \"ipRanges\": [] }, \"cni.dev/valid-attachments\": [], \"dns\": {}"),
            _ => throw new ArgumentException(kind),
        };
    }
}
