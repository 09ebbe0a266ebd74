using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>What ADD answers and makes (checklist.txt, C23 to C31, C35 to C42).</summary>
public sealed class AddTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private static readonly string[] s_versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    public static TheoryData<string> Versions => [.. s_versions];

    [Theory]
    [MemberData(nameof(Versions))]
    [Trait("Conformance", "C23")]
    [Trait("Conformance", "C24")]
    [Trait("Conformance", "C39")]
    public void The_result_has_the_shape_of_the_configuration_s_version(string version)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isDefaultGateway": true """, network.Ipam("dual"), version);

        (Pod pod, PluginResult added) = node.Attach(config);

        JsonElement result = added.Json;
        Assert.Equal(version, result.GetProperty("cniVersion").GetString());
        if (version is "0.1.0" or "0.2.0")
        {
            AssertOldShape(result, network);
        }
        else
        {
            Assert.All(
                result.GetProperty("ips").EnumerateArray(),
                ip => Assert.Equal(version.StartsWith("0.", StringComparison.Ordinal), ip.TryGetProperty("version", out _)));
            Assert.Equal(
                network.FirstAddresses("dual"),
                result.GetProperty("ips").EnumerateArray().Select(ip => ip.GetProperty("address").GetString()));
            Assert.Equal(
                ["0.0.0.0/0", "::/0"], result.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("dst").GetString()));
            Assert.Equal(version is "1.0.0" or "1.1.0", result.GetProperty("interfaces")[2].TryGetProperty("mtu", out _));
        }
        Assert.Equal(version.StartsWith("0.", StringComparison.Ordinal), result.TryGetProperty("dns", out _));
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C25")]
    [Trait("Conformance", "C26")]
    [Trait("Conformance", "C27")]
    public void Interfaces_and_addresses_belong_together()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true """, network.Ipam("dual"));

        (Pod pod, PluginResult added) = node.Attach(config);

        JsonElement[] interfaces = [.. added.Json.GetProperty("interfaces").EnumerateArray()];
        Assert.Equal(
            [network.Bridge, ConformanceNode.Port(network, pod), "eth0"], interfaces.Select(link => link.GetProperty("name").GetString()));
        Assert.False(interfaces[0].TryGetProperty("sandbox", out _));
        Assert.False(interfaces[1].TryGetProperty("sandbox", out _));
        Assert.Equal(pod.Netns, interfaces[2].GetProperty("sandbox").GetString());
        Assert.Equal(
            [Mac(network.Bridge), Mac(ConformanceNode.Port(network, pod)), Mac("eth0", pod)],
            interfaces.Select(link => link.GetProperty("mac").GetString()));
        JsonElement[] ips = [.. added.Json.GetProperty("ips").EnumerateArray()];
        Assert.All(ips, ip => Assert.Equal(2, ip.GetProperty("interface").GetInt32()));
        Assert.Equal(node.Addresses("eth0", pod).Order(), ips.Select(ip => ip.GetProperty("address").GetString()!).Order());
        Assert.Equal([network.Gateway4, network.Gateway6], ips.Select(ip => ip.GetProperty("gateway").GetString()));
    }

    [Fact]
    [Trait("Conformance", "C25")]
    public void The_index_of_the_first_interface_is_printed()
    {
        Pod pod = node.NewPod();

        PluginResult added = node.Plugin.Add("loopback", """{ "cniVersion": "1.0.0", "name": "lo" }""", pod).ExpectSuccess();

        Assert.All(added.Json.GetProperty("ips").EnumerateArray(), ip => Assert.Equal(0, ip.GetProperty("interface").GetInt32()));
        Assert.Equal(2, added.Json.GetProperty("ips").GetArrayLength());
    }

    [Fact]
    [Trait("Conformance", "C28")]
    public void An_interface_that_exists_is_left_alone_by_add_and_by_the_del_behind_it()
    {
        TestNetwork first = node.NewNetwork();
        TestNetwork second = node.NewNetwork();
        (Pod pod, PluginResult added) = node.Attach(first.Config(""" "isGateway": true, "ipMasq": true """));
        node.MakeStore(second.HostLocal());
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        Says.All(
            node.Plugin.Add("bridge", second.Config(""" "isGateway": true, "ipMasq": true """), pod).ExpectError(code: 103),
            "CNI_IFNAME",
            "eth0");
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Plugin.Delete("bridge", second.Config(), pod).ExpectSuccess();

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Check(first.Config(""" "isGateway": true, "ipMasq": true """), pod, added).ExpectSuccess();
        Assert.False(node.IsReserved(second, pod));
    }

    [Fact]
    [Trait("Conformance", "C29")]
    public void A_second_add_of_a_live_attachment_is_refused_and_harms_nothing()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true, "ipMasq": true """, network.Ipam("dual"));
        (Pod pod, PluginResult added) = node.Attach(config);
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        _ = node.Plugin.Add("bridge", config, pod).ExpectError(code: 103);

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Check(config, pod, added).ExpectSuccess();
        pod.AssertReaches(network.Gateway4);
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.Null(node.FindLink(ConformanceNode.Port(network, pod)));
        Assert.False(node.IsReserved(network, pod));
    }

    [Fact]
    [Trait("Conformance", "C29")]
    public void A_second_add_with_another_namespace_is_refused_and_harms_nothing()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true, "ipMasq": true """);
        (Pod pod, PluginResult added) = node.Attach(config);
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod other = node.NewPod();

        _ = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, other.Netns, "eth0").ExpectError(code: 103);

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.Null(node.FindLink("eth0", other));
        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Theory]
    [InlineData("/run/netns/nonexistent", "does not exist")]
    [InlineData("/etc/hostname", "is not a network namespace")]
    [InlineData("/run", "is not a network namespace")]
    [InlineData("relative", "does not exist")]
    [Trait("Conformance", "C30")]
    public void A_namespace_that_is_none_is_refused(string netns, string reason)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        string message = node.Plugin.Run("bridge", "ADD", network.Config(""" "ipMasq": true, "isGateway": true """), "id", netns, "eth0")
            .ExpectError(code: 8);

        Says.All(message, "CNI_NETNS", netns, reason);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Plugin.Run("loopback", "ADD", network.Config(), "id", netns, "lo").ExpectError(code: 8);
    }

    [Theory]
    [InlineData("bridge")]
    [InlineData("loopback")]
    [InlineData("host-local")]
    [Trait("Conformance", "C31")]
    public void The_plugin_s_own_namespace_is_refused_before_anything_is_done(string type)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        foreach (string verb in (string[])["ADD", "CHECK"])
        {
            PluginResult result = node.Plugin.Run(type, verb, network.Config(""" "isGateway": true """), "id", "/proc/self/ns/net", "eth0");
            Says.All(result.ExpectError(code: 8), "CNI_NETNS", "/proc/self/ns/net", "CNI_NETNS_OVERRIDE");
        }
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("TRUE")]
    [Trait("Conformance", "C31")]
    public void The_plugin_s_own_namespace_is_served_where_the_caller_means_it(string value)
    {
        TestNetwork network = node.NewNetwork();
        Dictionary<string, string?> meant = new() { ["CNI_NETNS_OVERRIDE"] = value };
        string ifName = $"own{network.Number}";

        _ = node.Plugin.Run("bridge", "ADD", network.Config(), "id", "/proc/self/ns/net", ifName, extraEnv: meant).ExpectSuccess();
        Assert.Equal(network.FirstAddresses("v4"), node.Addresses(ifName));
        _ = node.Plugin.Run("bridge", "DEL", network.Config(), "id", "/proc/self/ns/net", ifName, extraEnv: meant).ExpectSuccess();

        Assert.Null(node.FindLink(ifName));
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    [InlineData("")]
    [Trait("Conformance", "C35")]
    public void An_old_version_cannot_be_without_addresses(string version)
    {
        TestNetwork network = node.NewNetwork();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();

        foreach (string ipam in (string[])["", "{}"])
            Says.All(node.Plugin.Add("bridge", network.Config(ipam: ipam, version: version), pod).ExpectError(code: 7), "ipam");

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    [Trait("Conformance", "C36")]
    public void Loopback_passes_on_the_result_before_it()
    {
        Pod pod = node.NewPod();
        const string Previous = """
            { "cniVersion": "1.1.0", "interfaces": [{ "name": "x", "mac": "02:00:00:00:00:01", "socketPath": "/s", "new": [1] }],
              "ips": [{ "address": "10.200.0.5/24", "gateway": "10.200.0.1", "interface": 0, "new": true }],
              "routes": [{ "dst": "10.9.0.0/16", "mtu": 1400, "advmss": 1360, "priority": 7, "table": 0, "scope": 0, "new": 1 }],
              "dns": { "nameservers": ["192.0.2.53"] }, "new": { "key": "value" } }
            """;

        PluginResult added = node.Plugin.Add("loopback", $$"""{ "cniVersion": "1.1.0", "name": "lo", "prevResult": {{Previous}} }""", pod)
            .ExpectSuccess();

        using JsonDocument expected = JsonDocument.Parse(Previous);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, added.Json), added.ToString());
    }

    [Theory]
    [InlineData("1.1.0", "", 0)]
    [InlineData("1.1.0", "1.0.0", 0)]
    [InlineData("0.4.0", "0.3.1", 0)]
    [InlineData("1.0.0", "0.4.0", 6, 7)]
    [InlineData("0.3.1", "1.0.0", 6, 7)]
    [Trait("Conformance", "C37")]
    public void A_previous_result_is_of_the_configuration_s_family(string version, string previous, params int[] codes)
    {
        Pod pod = node.NewPod();
        string label = previous.Length == 0 ? "" : $$""" "cniVersion": "{{previous}}", """;
        string config = $$"""
            { "cniVersion": "{{version}}", "name": "lo", "prevResult": { {{label}}"ips": [{ "version": "4",
            "address": "10.200.0.5/24" }] } }
            """;

        PluginResult result = node.Plugin.Add("loopback", config, pod);

        Assert.Contains(result.ExitCode == 0 ? 0 : result.Json.GetProperty("code").GetInt32(), codes);
    }

    [Theory]
    [InlineData("""{ "nameservers": ["192.0.2.53"], "search": ["a.test"] }""", "192.0.2.53", "")]
    [InlineData("""{ "nameservers": [] }""", "", "")]
    [InlineData("{}", "192.0.2.1", "b.test")]
    [InlineData("null", "192.0.2.1", "b.test")]
    [Trait("Conformance", "C38")]
    public void The_configuration_s_dns_replaces_that_of_ipam(string dns, string nameserver, string domain)
    {
        TestNetwork network = node.NewNetwork();
        string file = node.Sandbox.WriteFile($"{network.Name}-resolv.conf", "nameserver 192.0.2.1\ndomain b.test\n");
        string config = network.Config($""" "dns": {dns} """, network.Ipam(keys: $""" "resolvConf": "{file}" """), "0.4.0");

        JsonElement answered = node.Attach(config).Added.Json.GetProperty("dns");

        Assert.Equal(
            nameserver,
            answered.TryGetProperty("nameservers", out JsonElement servers) && servers.GetArrayLength() > 0 ? servers[0].GetString() : "");
        Assert.Equal(domain, answered.TryGetProperty("domain", out JsonElement name) ? name.GetString() : "");
    }

    [Fact]
    [Trait("Conformance", "C40")]
    public void Warnings_go_to_standard_error()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.HostLocal(keys: $$""" "subnet": "10.{{network.Number}}.7.0/30" """);
        Pod pod = node.NewPod();
        _ = node.Plugin.Add("host-local", config, pod).ExpectSuccess();

        PluginResult status = node.Plugin.Run("host-local", "STATUS", config).ExpectSuccess();

        Assert.Empty(status.Output);
        Says.All(status.Error, "warning", network.Name);
    }

    [Fact]
    [Trait("Conformance", "C41")]
    public void Fifty_adds_at_once_make_one_bridge_and_fifty_addresses()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isDefaultGateway": true, "ipMasq": true """, network.Ipam("dual"));
        Pod[] pods = [.. Enumerable.Range(0, 50).Select(_ => node.NewPod())];

        RunningCommand[] running = [.. pods.Select(pod => node.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0"))];
        string?[] addresses =
        [
            .. running.Select(command => new PluginResult(command.WaitForExit()).ExpectSuccess())
                .SelectMany(result => result.Json.GetProperty("ips").EnumerateArray().Select(ip => ip.GetProperty("address").GetString())),
        ];

        Assert.Equal(2 * pods.Length, addresses.Distinct().Count());
        Assert.Equal([$"{network.Gateway4}/24", $"{network.Gateway6}/64"], node.Addresses(network.Bridge).Order());
        foreach (RunningCommand command in running)
            command.Dispose();
    }

    [Fact]
    [Trait("Conformance", "C42")]
    public void What_a_killed_add_left_is_gone_after_del()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true, "ipMasq": true """, network.Ipam("dual"));
        (Pod first, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, first).ExpectSuccess();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();

        for (int round = 0; round < 20; round++)
        {
            using RunningCommand add = node.Plugin.Start("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(1 + round));
            _ = add.WaitForExit();
            _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
            HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
            Assert.False(node.IsReserved(network, pod));
        }
    }

    private static void AssertOldShape(JsonElement result, TestNetwork network)
    {
        foreach ((string key, string address, string gateway, string route) in
            ((string, string, string, string)[])
            [
                ("ip4", network.FirstAddresses("v4")[0], network.Gateway4, "0.0.0.0/0"),
                ("ip6", network.FirstAddresses("v6")[0], network.Gateway6, "::/0"),
            ])
        {
            JsonElement ip = result.GetProperty(key);
            Assert.Equal(address, ip.GetProperty("ip").GetString());
            Assert.Equal(gateway, ip.GetProperty("gateway").GetString());
            Assert.Equal(route, ip.GetProperty("routes")[0].GetProperty("dst").GetString());
        }
        Assert.False(result.TryGetProperty("interfaces", out _));
        Assert.False(result.TryGetProperty("ips", out _));
    }

    private string Mac(string name, Pod? pod = null) => node.Link(name, pod).GetProperty("address").GetString()!;
}
