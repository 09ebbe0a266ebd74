using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>What stands on standard input (checklist.txt, C12 to C19).</summary>
public sealed class ConfigurationTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    [Theory]
    [InlineData("")]
    [InlineData("{ \"cniVersion\": \"1.0.0\", \"name\": \"n\", ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{ \"cniVersion\": \"1.0.0\", \"name\": \"n\" } x")]
    [InlineData("{ \"cniVersion\": \"1.0.0\", \"name\": \"n\", }")]
    [InlineData("{ \"cniVersion\": \"1.0.0\", /* */ \"name\": \"n\" }")]
    [InlineData("{ \"cniVersion\": \"1.0.0\", \"name\": \"n\" } { \"name\": \"n\" }")]
    [Trait("Conformance", "C12")]
    public void What_is_no_json_object_is_refused(string input)
    {
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();
        foreach (string type in PluginDirectory.Delivered)
        {
            foreach (string verb in (string[])["ADD", "CHECK", "DEL", "GC", "STATUS"])
                _ = node.Plugin.Run(type, verb, input, pod.ContainerId, pod.Netns, "eth0").ExpectError(code: 6);
        }
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"name\": \"\",")]
    [InlineData("\"name\": null,")]
    [InlineData("\"name\": \"../x\",")]
    [InlineData("\"name\": \"a/b\",")]
    [InlineData("\"name\": \"x\\n\",")]
    [InlineData("\"name\": \".\",")]
    [Trait("Conformance", "C13")]
    public void A_network_needs_a_good_name(string member)
    {
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        Pod pod = node.NewPod();
        string config =
            $$"""{ {{member}} "cniVersion": "1.1.0", "bridge": "nameless", "ipam": { "type": "host-local", "subnet": "10.250.0.0/24" } }""";
        foreach (string verb in (string[])["ADD", "CHECK", "DEL", "GC", "STATUS"])
            Says.All(node.Plugin.Run("bridge", verb, config, pod.ContainerId, pod.Netns, "eth0").ExpectError(code: 7), "name");
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"cniVersion\": \"\",")]
    [InlineData("\"cniVersion\": null,")]
    [Trait("Conformance", "C14")]
    public void No_version_is_the_oldest(string member)
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        string config = $$"""{ {{member}} "name": "{{network.Name}}", "bridge": "{{network.Bridge}}", "ipam": {{network.Ipam()}} }""";

        PluginResult added = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        Assert.Equal("0.1.0", added.Json.GetProperty("cniVersion").GetString());
        Assert.Equal(network.FirstAddresses("v4")[0], added.Json.GetProperty("ip4").GetProperty("ip").GetString());
        _ = node.Plugin.Check("bridge", config, pod).ExpectError(code: 1);
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
    }

    [Theory]
    [InlineData("9.9.9")]
    [InlineData("0.4")]
    [InlineData("1.1")]
    [InlineData("abc")]
    [Trait("Conformance", "C15")]
    public void An_unknown_version_is_answered_with_the_known_ones(string version)
    {
        Pod pod = node.NewPod();
        foreach (string type in PluginDirectory.Delivered)
        {
            foreach (string verb in (string[])["ADD", "DEL"])
            {
                PluginResult result = node.Plugin.Run(
                    type, verb, node.NewNetwork().Config(version: version), pod.ContainerId, pod.Netns, "eth0");
                Says.All(result.ExpectError(code: 1), [version, .. ChainedVerbMatrixTests.Versions(type)]);
            }
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("true")]
    [Trait("Conformance", "C15")]
    public void A_version_is_text(string value)
    {
        Pod pod = node.NewPod();
        string config = $$"""{ "cniVersion": {{value}}, "name": "n" }""";

        Says.All(node.Plugin.Add("bridge", config, pod).ExpectError(code: 6), "cniVersion");
    }

    [Fact]
    [Trait("Conformance", "C16")]
    [Trait("Conformance", "C19")]
    public void Unknown_keys_are_ignored_whatever_they_hold()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config("""
            "capabilities": { "mac": true, "ips": true, "portMappings": true }, "disableCheck": "true", "resolveConf": "/nowhere",
            "burst": 34359738359, "huge": 123456789012345678901234567890, "text": "é \u00e9 \ud83d\ude00 \u003c", "list": [null, [], {}],
            "runtimeConfig": { "cgroupPath": "/x", "bandwidth": { "IngressRate": 1, "egressBurst": 34359738359 },
            "portMappings": [{ "HostPort": 1 }],
              "aliases": { "net": ["a"] } },
            "args": { "podman_labels": {}, "cni": { "labels": [], "sysctl": null } }
            """);

        (Pod pod, PluginResult added) = node.Attach(config);
        _ = node.Check(config, pod, added).ExpectSuccess();
        _ = node.Plugin.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C17")]
    public void Keys_are_matched_without_regard_to_case()
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        string config = $$"""
            {
              "CNIVERSION": "1.1.0", "Name": "{{network.Name}}", "BRIDGE": "{{network.Bridge}}", "isdefaultgateway": true,
              "HairPinMode": true,
              "DNS": { "NameServers": ["192.0.2.53"] }, "RuntimeConfig": { "Mac": "02:00:00:00:17:01",
              "IPRanges": [{ "Subnet": "{{network.Subnet4}}", "RangeStart": "10.{{network.Number}}.0.77" }] },
              "IPAM": { "Type": "host-local", "Routes": [{ "Dst": "192.0.2.0/24" }] }
            }
            """;

        PluginResult added = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        Assert.Equal("02:00:00:00:17:01", node.Link("eth0", pod).GetProperty("address").GetString());
        Assert.Equal([$"10.{network.Number}.0.77/24"], node.Addresses("eth0", pod));
        Assert.True(node.IsPortFlag(ConformanceNode.Port(network, pod), "hairpin"));
        Assert.Equal("192.0.2.53", added.Json.GetProperty("dns").GetProperty("nameservers")[0].GetString());
        Assert.Equal(2, added.Json.GetProperty("routes").GetArrayLength());
        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C18")]
    public void Null_is_absence()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(
            """
            "isGateway": null, "isDefaultGateway": null, "forceAddress": null, "ipMasq": null, "ipMasqBackend": null, "mtu": null,
            "hairpinMode": null,
            "promiscMode": null, "vlan": null, "vlanTrunk": null, "preserveDefaultVlan": null, "macspoofchk": null, "enabledad": null,
            "disableContainerInterface": null, "portIsolation": null, "dns": null, "args": null, "runtimeConfig": null, "prevResult": null,
            "cni.dev/valid-attachments": null, "cni.dev/attachments": null
            """,
            network.Ipam(
                keys: """ "routes": null, "dataDir": null, "resolvConf": null, "subnet": null, "rangeStart": null, "gateway": null """));

        (Pod pod, PluginResult added) = node.Attach(config);

        Assert.Equal(network.FirstAddresses("v4"), node.Addresses("eth0", pod));
        _ = node.Plugin.Run("bridge", "STATUS", config).ExpectSuccess();
        _ = node.Plugin.Delete(
            "bridge", added.WithPrevResult(config.Replace(""" "prevResult": null,""", "", StringComparison.Ordinal)), pod)
            .ExpectSuccess();
        _ = node.Plugin.Run("bridge", "GC", config).ExpectSuccess();
    }

}
