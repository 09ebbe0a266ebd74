using System.Text.Json.Nodes;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Conformance;

/// <summary>CHECK: it sees whatever is missing and holds nothing of others' against the pod (checklist.txt, C56 to C62).</summary>
public sealed class CheckTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Everything = """ "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true, "portIsolation": true """;

    public static TheoryData<string> Damages => [.. _damages.Keys];

    // What is done to the pod or the node, and the word that the message must hold. POD, PORT and BRIDGE stand for names, SUBNET for the
    // first bytes.
    private static readonly Dictionary<string, (string Command, string Names)> _damages = new()
    {
        ["interface"] = ("ip -n POD link delete eth0", "eth0"),
        ["interface down"] = ("ip -n POD link set eth0 down", "eth0"),
        ["mac"] = ("ip -n POD link set eth0 address 02:00:00:00:00:99", "02:00:00:00:00:99"),
        ["address 4"] = ("ip -n POD address delete SUBNET.0.2/24 dev eth0", "SUBNET.0.2/24"),
        ["address 6"] = ("ip -n POD address delete fd00:NUMBER::2/64 dev eth0", "fd00:NUMBER::2/64"),
        ["prefix length"] = (
            "ip -n POD address delete SUBNET.0.2/24 dev eth0 && ip -n POD address add SUBNET.0.2/16 dev eth0", "SUBNET.0.2/24"),
        ["route 4"] = ("ip -n POD route delete 198.51.100.0/24", "198.51.100.0/24"),
        ["route 6"] = ("ip -n POD route delete 2001:db8:5::/48", "2001:db8:5::/48"),
        ["default route"] = ("ip -n POD route delete default", "0.0.0.0/0"),
        ["default route 6"] = ("ip -n POD -6 route delete default", "::/0"),
        ["port"] = ("ip link set PORT nomaster", "PORT"),
        ["another bridge"] = ("ip link add BRIDGEx type bridge && ip link set PORT master BRIDGEx", "BRIDGE"),
        ["bridge"] = ("ip link delete BRIDGE", "BRIDGE"),
        ["hairpin"] = ("bridge link set dev PORT hairpin off", "hairpin"),
        ["isolation"] = ("bridge link set dev PORT isolated off", "isolated"),
        ["element 4"] = ("nft delete element inet cniplugin masq4 { SUBNET.0.2 }", "SUBNET.0.2"),
        ["element 6"] = ("nft delete element inet cniplugin masq6 { fd00:NUMBER::2 }", "fd00:NUMBER::2"),
        ["guarded port"] = ("nft delete element bridge cniplugin ports { PORT }", "PORT"),
        ["permitted mac"] = ("nft flush set bridge cniplugin pairs", "pairs"),
        ["rule of guarded ports"] = ("nft flush chain bridge cniplugin prerouting", "prerouting"),
        ["rules of the subnet"] = ("nft flush chain inet cniplugin masq_SUBNET.0.0_24", "masq_SUBNET.0.0_24"),
        ["rules of all"] = ("nft flush chain inet cniplugin postrouting", "postrouting"),
        ["a rule too many"] = ("nft insert rule inet cniplugin postrouting accept", "postrouting"),
        ["table"] = ("nft delete table inet cniplugin", "cniplugin"),
    };

    [Theory]
    [MemberData(nameof(Damages))]
    [Trait("Conformance", "C59")]
    public void What_is_missing_is_named(string damage)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(
            $""" {Everything}, "macspoofchk": true """,
            network.Ipam("dual", keys: """ "routes": [{ "dst": "198.51.100.0/24" }, { "dst": "2001:db8:5::/48" }] """));
        (Pod pod, PluginResult added) = node.Attach(config);
        _ = node.Check(config, pod, added).ExpectSuccess();
        string Fill(string text) => text
            .Replace("POD", pod.ContainerId, StringComparison.Ordinal)
            .Replace("PORT", ConformanceNode.Port(network, pod), StringComparison.Ordinal)
            .Replace("BRIDGE", network.Bridge, StringComparison.Ordinal)
            .Replace("SUBNET", $"10.{network.Number}", StringComparison.Ordinal)
            .Replace("NUMBER", $"{network.Number}", StringComparison.Ordinal);
        _ = node.Sandbox.Run("sh", "-euc", Fill(_damages[damage].Command));

        PluginResult result = node.Check(config, pod, added);

        Says.All(result.ExpectError(code: 104), Fill(_damages[damage].Names));
        // The rules are shared: later tests need them.
        _ = node.Attach(config);
    }

    [Fact]
    [Trait("Conformance", "C59")]
    public void A_missing_reservation_is_named()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, PluginResult added) = node.Attach(network.Config());
        _ = node.Plugin.Delete("host-local", network.HostLocal(), pod).ExpectSuccess();

        Says.All(node.Check(network.Config(), pod, added).ExpectError(code: 104), pod.ContainerId, "eth0", network.Name);
    }

    [Fact]
    [Trait("Conformance", "C59")]
    public void A_loopback_that_is_down_is_named()
    {
        const string Config = """{ "cniVersion": "1.0.0", "name": "lo" }""";
        Pod pod = node.NewPod();
        Says.All(node.Plugin.Check("loopback", Config, pod).ExpectError(code: 104), "lo", pod.Netns);
        _ = node.Plugin.Add("loopback", Config, pod).ExpectSuccess();

        _ = node.Plugin.Check("loopback", Config, pod).ExpectSuccess();
    }

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    [InlineData("0.3.0")]
    [InlineData("0.3.1")]
    [Trait("Conformance", "C56")]
    public void Old_configurations_cannot_be_checked(string version)
    {
        Pod pod = node.NewPod();
        foreach (string type in PluginDirectory.Delivered.Where(type => ChainedVerbMatrixTests.Versions(type).Contains(version)))
            Says.All(node.Plugin.Check(type, node.NewNetwork().Config(version: version), pod).ExpectError(code: 1), "CHECK", version);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Everything)]
    [InlineData(""" "isGateway": true, "promiscMode": true, "mtu": 1400 """)]
    [InlineData(""" "isGateway": true, "enabledad": true """)]
    [Trait("Conformance", "C57")]
    public void Check_succeeds_right_after_add(string keys)
    {
        TestNetwork network = node.NewNetwork();
        foreach (string layout in TestNetwork.Layouts)
        {
            string config = network.Config(keys, network.Ipam(layout));
            if (layout == "two v4")
            {
                config = config.Replace("\"isDefaultGateway\": true", "\"isDefaultGateway\": false", StringComparison.Ordinal)
                    .Replace("\"isGateway\": true", "\"isGateway\": false", StringComparison.Ordinal);
            }
            (Pod pod, PluginResult added) = node.Attach(config);
            Assert.Empty(node.Check(config, pod, added).ExpectSuccess().Output);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "disableContainerInterface": true """)]
    [Trait("Conformance", "C57")]
    [Trait("Conformance", "C62")]
    public void Check_works_without_addresses(string keys)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(keys, ipam: "");

        (Pod pod, PluginResult added) = node.Attach(config);

        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Theory]
    [InlineData("10.77.0.5/32", "10.77.255.1")]
    [InlineData("10.78.0.5/31", "10.78.0.4")]
    [InlineData("fd00:77::5/128", "fe80::1")]
    [InlineData("fd00:78::5/128", "fd00:79::1")]
    [Trait("Conformance", "C57")]
    public void Check_works_with_single_addresses_and_gateways_elsewhere(string address, string gateway)
    {
        TestNetwork network = node.NewNetwork();
        string route = address.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0";
        FakeIpam ipam = FakeIpam.In(node).Answering("ADD", $$"""
            { "cniVersion": "1.0.0", "ips": [{ "address": "{{address}}", "gateway": "{{gateway}}" }], "routes": [{ "dst": "{{route}}" }] }
            """);
        string config = network.Config(""" "ipMasq": true """, $$"""{ "type": "{{FakeIpam.Type}}" }""", "1.0.0");
        Pod pod = node.NewPod();

        PluginResult added = ipam.Plugin.Add("bridge", config, pod).ExpectSuccess();

        Assert.Contains(
            ConformanceNode.Routes(pod, route == "::/0" ? IpFamily.IPv6 : IpFamily.IPv4),
            line => line.StartsWith($"default via {gateway} dev eth0", StringComparison.Ordinal));
        _ = ipam.Plugin.Check("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        _ = ipam.Plugin.Delete("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C58")]
    public void Check_needs_the_previous_result()
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, _) = node.Attach(network.Config());

        Says.All(node.Plugin.Check("bridge", network.Config(), pod).ExpectError(code: 7), "prevResult");
        string foreign = network.Config(
            """ "prevResult": { "cniVersion": "1.1.0", "interfaces": [{ "name": "eth0", "sandbox": "/run/netns/other" }] } """);
        Says.All(node.Plugin.Check("bridge", foreign, pod).ExpectError(code: 104), "eth0", pod.Netns);
    }

    [Fact]
    [Trait("Conformance", "C60")]
    public void What_later_plugins_add_to_the_result_is_theirs()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod pod, PluginResult added) = node.Attach(config);
        _ = pod.Run("sh", "-euc", """
            ip link set eth0 address 02:00:00:00:60:01
            ip address add 192.0.2.5/24 dev eth0
            ip link add extra type veth peer name extra-peer
            """);
        JsonNode result = JsonNode.Parse(added.Output)!;
        result["interfaces"]![2]!["mac"] = "02:00:00:00:60:01";
        result["interfaces"]!.AsArray().Add(JsonNode.Parse($$"""{ "name": "extra", "sandbox": "{{pod.Netns}}" }"""));
        result["interfaces"]!.AsArray().Add(JsonNode.Parse("""{ "name": "ifb0", "mac": "02:00:00:00:60:02" }"""));
        result["ips"]!.AsArray().Add(JsonNode.Parse("""{ "address": "192.0.2.5/24", "interface": 2 }"""));
        result["ips"]!.AsArray().Add(JsonNode.Parse("""{ "address": "203.0.113.9/24", "interface": 3 }"""));
        JsonNode request = JsonNode.Parse(config)!;
        request["prevResult"] = result;

        _ = node.Plugin.Check("bridge", request.ToJsonString(), pod).ExpectSuccess();
    }

    [Theory]
    [InlineData("ip link set PORT address 02:00:00:00:61:01")]
    [InlineData("ip link set BRIDGE address 02:00:00:00:61:02")]
    [InlineData("ip link set BRIDGE promisc on")]
    [InlineData("ip -n POD route replace default via GATEWAY dev eth0 mtu 1300")]
    [InlineData(
        "ip -n POD route add default via GATEWAY dev eth0 table 100 && ip -n POD route delete default via GATEWAY dev eth0 table main")]
    [InlineData("ip -n POD route add default via GATEWAY dev eth0 metric 50")]
    [Trait("Conformance", "C61")]
    public void What_others_may_change_is_not_held_against_the_pod(string change)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(Everything);
        (Pod pod, PluginResult added) = node.Attach(config);
        _ = node.Sandbox.Run("sh", "-euc", change
            .Replace("POD", pod.ContainerId, StringComparison.Ordinal)
            .Replace("PORT", ConformanceNode.Port(network, pod), StringComparison.Ordinal)
            .Replace("BRIDGE", network.Bridge, StringComparison.Ordinal)
            .Replace("GATEWAY", network.Gateway4, StringComparison.Ordinal));

        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Fact]
    [Trait("Conformance", "C62")]
    public void The_delegate_is_checked_and_its_failure_told()
    {
        TestNetwork network = node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(node)
            .Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": [{ "address": "{{network.FirstAddresses("v4")[0]}}" }] }""");
        string config = network.Config(ipam: $$"""{ "type": "{{FakeIpam.Type}}" }""");
        Pod pod = node.NewPod();
        PluginResult added = ipam.Plugin.Add("bridge", config, pod).ExpectSuccess();

        _ = ipam.Plugin.Check("bridge", added.WithPrevResult(config), pod).ExpectSuccess();
        Assert.Equal(["ADD", "CHECK"], ipam.Verbs);
        _ = ipam.Failing("CHECK", code: 142, "lease lost");
        Says.All(ipam.Plugin.Check("bridge", added.WithPrevResult(config), pod).ExpectError(code: 142), FakeIpam.Type, "lease lost");
    }
}
