using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// What the reference's own suite asserts of host-local and loopback (containernetworking/plugins, *_test.go beside the plugins), where it
/// is not about its files. Subnets are none that a <see cref="TestNetwork"/> has: a new store takes over what pods hold.
/// </summary>
public sealed class ReferenceHostLocalTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    public static TheoryData<string> Versions => ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    [Fact]
    public void Several_sets_give_one_address_each_with_gateways_routes_and_dns()
    {
        string resolv = node.Sandbox.WriteFile("resolv.conf", "nameserver 192.0.2.3\n");
        string config = Config($$"""
            "resolvConf": "{{resolv}}", "dataDir": "{{node.NewDirectory()}}",
            "ranges": [[{ "subnet": "10.201.2.0/24" }, { "subnet": "10.202.2.0/24" }], [{ "subnet": "2001:db8:1::/64" }]],
            "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }, { "dst": "192.168.0.0/16", "gw": "1.1.1.1" }, { "dst": "2001:db8:2::0/64",
            "gw": "2001:db8:3::1" }]
            """);

        JsonElement result = Add(config).ExpectSuccess().Json;

        Assert.Equal(["10.201.2.2/24", "2001:db8:1::2/64"], Addresses(result));
        Assert.Equal(
            ["10.201.2.1", "2001:db8:1::1"],
            result.GetProperty("ips").EnumerateArray().Select(ip => ip.GetProperty("gateway").GetString()));
        Assert.Equal(
            ["0.0.0.0/0", "::/0", "192.168.0.0/16", "2001:db8:2::/64"],
            result.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("dst").GetString()));
        Assert.Equal("1.1.1.1", result.GetProperty("routes")[2].GetProperty("gw").GetString());
        Assert.Equal("192.0.2.3", result.GetProperty("dns").GetProperty("nameservers")[0].GetString());
        Assert.False(result.TryGetProperty("interfaces", out _));
        Assert.All(result.GetProperty("ips").EnumerateArray(), ip => Assert.False(ip.TryGetProperty("interface", out _)));
    }

    [Fact]
    public void Two_interfaces_of_one_container_have_addresses_of_their_own()
    {
        string config = Config(""" "subnet": "10.201.0.0/24" """);
        Assert.Equal(["10.201.0.2/24"], Addresses(Add(config, "dummy", "eth0").ExpectSuccess().Json));
        Assert.Equal(["10.201.0.3/24"], Addresses(Add(config, "dummy", "eth1").ExpectSuccess().Json));

        Delete(config, "dummy", "eth0");

        _ = node.Plugin.Run("host-local", "CHECK", config, "dummy", "/run/netns/pod", "eth0").ExpectError(code: 104);
        _ = node.Plugin.Run("host-local", "CHECK", config, "dummy", "/run/netns/pod", "eth1").ExpectSuccess();
        // A freed address rests until the round comes back to it.
        Assert.Equal(["10.201.0.4/24"], Addresses(Add(config, "other").ExpectSuccess().Json));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_repeated_add_of_a_live_pod_is_refused_and_others_go_on(string version)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(version: version);
        (Pod pod, _) = node.Attach(config);

        Says.All(Add(config, pod.ContainerId, netns: pod.Netns).ExpectError(code: 103), $"10.{network.Number}.0.2", pod.ContainerId);
        _ = node.Attach(config);
        _ = Add(config, pod.ContainerId, netns: pod.Netns).ExpectError(code: 103);
    }

    [Theory]
    [InlineData("IP=10.201.2.88", "", "10.201.2.88/24")]
    [InlineData("IP=10.201.2.88/30", "", "10.201.2.88/24")]
    [InlineData("", """ "args": { "cni": { "ips": ["10.201.2.88"] } } """, "10.201.2.88/24")]
    [InlineData("", """ "args": { "cni": { "ips": ["10.201.2.88/8"] } } """, "10.201.2.88/24")]
    [InlineData("", """ "runtimeConfig": { "ips": ["10.201.2.88/24"] } """, "10.201.2.88/24")]
    [InlineData(
        "",
        """ "args": { "cni": { "ips": ["10.201.2.88", "10.201.3.77", "2001:db8:1::999"] } } """,
        "10.201.2.88/24 10.201.3.77/24 2001:db8:1::999/64")]
    [InlineData(
        "IP=10.201.2.88",
        """ "args": { "cni": { "ips": ["10.201.3.77"] } }, "runtimeConfig": { "ips": ["2001:db8:1::999", "10.201.2.88"] } """,
        "10.201.2.88/24 10.201.3.77/24 2001:db8:1::999/64")]
    public void Requested_addresses_of_every_source_are_given(string args, string keys, string expected)
    {
        string more = keys.Length == 0 ? "" : $", {keys}";
        string config = $$"""
            { "cniVersion": "1.1.0", "name": "{{node.NewNetwork().Name}}"{{more}}, "ipam": { "type": "host-local",
              "ranges": [[{ "subnet": "10.201.2.0/24" }], [{ "subnet": "10.201.3.0/24" }], [{ "subnet": "2001:db8:1::/64" }]] } }
            """;

        Assert.Empty(expected.Split(' ').Except(Addresses(Add(config, args: args).ExpectSuccess().Json)));
    }

    [Theory]
    [InlineData("""[[{ "subnet": "10.207.0.0/24", "gateway": "10.207.0.9" }]]""")]
    [InlineData("""[{ "Subnet": "10.207.0.0/24", "Gateway": "10.207.0.9", "RangeStart": "", "RangeEnd": "" }]""")]
    public void Ranges_of_the_runtime_come_first(string ranges)
    {
        string config = $$"""
            { "cniVersion": "1.1.0", "name": "{{node.NewNetwork().Name}}", "runtimeConfig": { "ipRanges": {{ranges}} },
              "ipam": { "type": "host-local", "subnet": "10.201.2.0/24", "ranges": [[{ "subnet": "fd07::/64" }]] } }
            """;

        JsonElement result = Add(config).ExpectSuccess().Json;

        Assert.Equal(["10.207.0.1/24", "10.201.2.2/24", "fd07::2/64"], Addresses(result));
        Assert.Equal("10.207.0.9", result.GetProperty("ips")[0].GetProperty("gateway").GetString());
    }

    [Fact]
    public void Addresses_go_round_and_broadcast_and_gateway_are_never_given()
    {
        string config = Config(""" "subnet": "10.201.0.0/29", "gateway": "10.201.0.3" """);
        string[] given = [.. Enumerable.Range(0, 5).Select(number => Addresses(Add(config, $"c{number}").ExpectSuccess().Json).Single())];

        Assert.Equal(["10.201.0.1/29", "10.201.0.2/29", "10.201.0.4/29", "10.201.0.5/29", "10.201.0.6/29"], given);
        Says.All(Add(config, "late").ExpectError(code: 102), "no IP addresses available in range set", "10.201.0.1-10.201.0.6");
        Delete(config, "c1");
        Assert.Equal(["10.201.0.2/29"], Addresses(Add(config, "late").ExpectSuccess().Json));
    }

    [Fact]
    public void A_failure_in_a_later_set_releases_what_the_earlier_gave()
    {
        string config = Config(""" "ranges": [[{ "subnet": "10.201.0.0/24" }], [{ "subnet": "10.202.0.0/30" }]] """);
        _ = Add(config, "first").ExpectSuccess();

        Says.All(Add(config, "second").ExpectError(code: 102), "10.202.0.2");

        _ = node.Plugin.Run("host-local", "CHECK", config, "second", "/run/netns/pod", "eth0").ExpectError(code: 104);
        Delete(config, "first");
        Assert.Equal(["10.201.0.3/24", "10.202.0.2/30"], Addresses(Add(config, "second").ExpectSuccess().Json));
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    public void An_old_result_has_one_address_of_each_family(string version)
    {
        string both = $$"""
            { "cniVersion": "{{version}}", "name": "{{node.NewNetwork().Name}}", "ipam": { "type": "host-local",
            "ranges": [[{ "subnet": "10.201.0.0/24" }], [{ "subnet": "fd09::/64" }]] } }
            """;
        JsonElement result = Add(both).ExpectSuccess().Json;
        Assert.Equal("10.201.0.2/24", result.GetProperty("ip4").GetProperty("ip").GetString());
        Assert.Equal("fd09::2/64", result.GetProperty("ip6").GetProperty("ip").GetString());

        string two = both.Replace("fd09::/64", "10.202.0.0/24", StringComparison.Ordinal);
        Says.All(Add(two, "other").ExpectError(code: 7), "cniVersion", version);
    }

    [Fact]
    public void Files_of_the_reference_are_taken_over_and_removed()
    {
        string data = node.NewDirectory();
        TestNetwork network = node.NewNetwork();
        _ = Directory.CreateDirectory(Path.Combine(data, network.Name));
        void Write(string file, string text) => File.WriteAllText(Path.Combine(data, network.Name, file), text);
        Write("10.201.0.2", "old");
        Write("10.201.0.3", "both\r\neth0");
        Write("10.201.0.4", "");
        Write("last_reserved_ip.0", "10.201.0.3");
        string config =
            $$"""{ "cniVersion": "1.1.0", "name": "{{network.Name}}", "ipam": { "type": "host-local", "subnet": "10.201.0.0/24","""
            + $$""" "dataDir": "{{data}}" } }""";

        Assert.Equal(["10.201.0.4/24"], Addresses(Add(config, "new").ExpectSuccess().Json));
        Delete(config, "old");
        Delete(config, "both");

        Assert.Empty(Directory.GetFiles(Path.Combine(data, network.Name), "10.201.0.[23]"));
        Assert.False(File.Exists(Path.Combine(data, network.Name, "10.201.0.2")));
        Assert.False(File.Exists(Path.Combine(data, network.Name, "10.201.0.3")));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Loopback_is_up_behind_add_and_down_behind_del(string version)
    {
        Pod pod = node.NewPod();
        string config = $$"""{ "cniVersion": "{{version}}", "name": "cni-loopback", "type": "loopback" }""";

        // CNI_IFNAME is ignored, as by the reference.
        JsonElement result = node.Plugin.Add("loopback", config, pod).ExpectSuccess().Json;

        Assert.Contains("UP", node.Link("lo", pod).GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        pod.AssertReaches("127.0.0.1");
        pod.AssertReaches("::1");
        if (version is not ("0.1.0" or "0.2.0"))
        {
            JsonElement lo = Assert.Single(result.GetProperty("interfaces").EnumerateArray());
            Assert.Equal("lo", lo.GetProperty("name").GetString());
            Assert.Equal("00:00:00:00:00:00", lo.GetProperty("mac").GetString());
            Assert.Equal(pod.Netns, lo.GetProperty("sandbox").GetString());
        }
        Assert.Empty(node.Plugin.Delete("loopback", config, pod).ExpectSuccess().Output);
        Assert.DoesNotContain("UP", node.Link("lo", pod).GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
    }

    [Fact]
    public void A_loopback_with_a_foreign_address_is_refused()
    {
        Pod pod = node.NewPod();
        _ = pod.Run("ip", "address", "add", "192.0.2.7/32", "dev", "lo");

        Says.All(
            node.Plugin.Add("loopback", """{ "cniVersion": "1.0.0", "name": "lo" }""", pod).ExpectError(code: 7), "lo", "192.0.2.7/32");
    }

    private string Config(string ipam) =>
        $$"""{ "cniVersion": "1.1.0", "name": "{{node.NewNetwork().Name}}", "ipam": { "type": "host-local", {{ipam}} } }""";

    private PluginResult Add(
        string config, string containerId = "container", string ifName = "eth0", string args = "", string netns = "/run/netns/pod") =>
        node.Plugin.Run("host-local", "ADD", config, containerId, netns, ifName, args);

    private void Delete(string config, string containerId, string ifName = "eth0") =>
        node.Plugin.Run("host-local", "DEL", config, containerId, "/run/netns/pod", ifName).ExpectSuccess();

    private static string[] Addresses(JsonElement result) =>
        [.. result.GetProperty("ips").EnumerateArray().Select(ip => ip.GetProperty("address").GetString()!)];
}
