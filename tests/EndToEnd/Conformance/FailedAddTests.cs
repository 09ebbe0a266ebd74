using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>
/// An ADD that fails, wherever it does, leaves the node as it was: not even the bridge that it made, or an address on one that was there.
/// </summary>
public sealed class FailedAddTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    private const string Everything = """ "isDefaultGateway": true, "ipMasq": true """;

    public static TheoryData<string> Reasons =>
    [
        "no address is free", "the requested address is taken", "interface exists", "route is refused", "another gateway address",
        "the address is masqueraded for another",
        "no such IPAM plugin",
        "bridge is no bridge",
        "gateway on the bridge is another pod's",
        "duplicate address",
    ];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Nothing_is_left(string reason)
    {
        TestNetwork network = node.NewNetwork();
        Pod pod = node.NewPod();
        node.MakeStore(network.HostLocal("dual"));
        (string config, string? args, string names) = Prepare(reason, network, pod);
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);
        string inside = PodState(pod);

        PluginResult result = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", args);

        Assert.True(result.ExitCode == 1, result.ToString());
        Says.All(result.Json.GetProperty("msg").GetString()!, names);
        if (reason != "no such IPAM plugin")
            Assert.DoesNotContain("rollback", result.Error, StringComparison.Ordinal);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        Assert.Equal(inside, PodState(pod));
        Assert.False(node.IsReserved(network, pod));
        // As every runtime does.
        _ = node.Plugin.Run("bridge", "DEL", config, pod.ContainerId, pod.Netns, "eth0", args);
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }

    [Fact]
    public void The_bridge_of_others_stays_when_an_add_fails()
    {
        TestNetwork network = node.NewNetwork();
        (Pod first, PluginResult added) = node.Attach(network.Config(Everything));
        string full = network.Config(
            Everything, $$"""{ "type": "host-local", "subnet": "{{network.Subnet4}}", "rangeEnd": "10.{{network.Number}}.0.2" }""");
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        Says.All(
            node.Plugin.Add("bridge", full, node.NewPod()).ExpectError(code: 102), "no IP addresses available", $"10.{network.Number}.0.2");

        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
        _ = node.Check(network.Config(Everything), first, added).ExpectSuccess();
        first.AssertReaches(network.Gateway4);
    }

    /// <summary>Brings the situation about; returns the configuration and arguments that fail, and what the message must name.</summary>
    private (string Config, string? Args, string Names) Prepare(string reason, TestNetwork network, Pod pod)
    {
        switch (reason)
        {
            case "no address is free":
                string small = network.Ipam()
                    .Replace(
                        "\"subnet\"",
                        $$""" "rangeStart": "10.{{network.Number}}.0.9", "rangeEnd": "10.{{network.Number}}.0.9", "subnet" """,
                        StringComparison.Ordinal);
                _ = node.Attach(OnAnotherBridge(network.Config(ipam: small), network));
                return (network.Config(Everything, small), null, $"10.{network.Number}.0.9");
            case "the requested address is taken":
                (Pod first, _) = node.Attach(OnAnotherBridge(network.Config(), network));
                return (network.Config(Everything), $"IP={first.Address()}", first.ContainerId);
            case "interface exists":
                _ = pod.Run("ip", "link", "add", "eth0", "type", "bridge");
                return (network.Config(Everything), null, "CNI_IFNAME eth0");
            case "route is refused":
                return (
                    network.Config(
                        Everything, network.Ipam("dual", """ "routes": [{ "dst": "198.51.100.0/24", "gw": "255.255.255.255" }] """)),
                    null,
                    "198.51.100.0/24");
            case "another gateway address":
                _ = node.Sandbox.Run(
                    "sh",
                    "-euc",
                    $"ip link add {network.Bridge} address 02:00:00:00:00:05 type bridge && ip link set {network.Bridge} up && ip address "
                    + $"add 10.{network.Number}.9.1/24 dev {network.Bridge}");
                return (network.Config(Everything), null, $"10.{network.Number}.9.1/24");
            case "the address is masqueraded for another":
                TestNetwork twin = network with { Number = network.Number + 100 };
                string overlapping = twin.Config(""" "ipMasq": true, "ipMasqFullyRandom": true """, network.Ipam());
                (Pod holder, _) = node.Attach(overlapping);
                return (network.Config(Everything, network.Ipam()), $"IP={holder.Address()}", holder.Address());
            case "no such IPAM plugin":
                return (network.Config(Everything, """{ "type": "absent-ipam" }"""), null, "absent-ipam");
            case "bridge is no bridge":
                _ = node.Sandbox.Run("ip", "link", "add", network.Bridge, "type", "veth", "peer", "name", $"x{network.Bridge}");
                return (network.Config(Everything), null, network.Bridge);
            case "gateway on the bridge is another pod's":
                _ = node.Sandbox.Run(
                    "sh",
                    "-euc",
                    $"ip link add {network.Bridge} address 02:00:00:00:00:05 type bridge && ip link set {network.Bridge} up && ip address "
                    + $"add fd00:{network.Number}::9/60 dev {network.Bridge} nodad");
                return (network.Config(Everything, network.Ipam("dual")), null, $"fd00:{network.Number}::9/60");
            default:
                string probing = """ "isGateway": true, "enabledad": true """;
                (Pod other, _) = node.Attach(network.Config(probing, network.Ipam("v6")));
                _ = other.Run("ip", "address", "add", $"fd00:{network.Number}::77/64", "dev", "eth0", "nodad");
                return (network.Config(probing, network.Ipam("v6")), $"IP=fd00:{network.Number}::77", $"fd00:{network.Number}::77");
        }
    }

    private static string OnAnotherBridge(string config, TestNetwork network) =>
        config.Replace($"\"{network.Bridge}\"", $"\"x{network.Bridge}\"", StringComparison.Ordinal);

    private static string PodState(Pod pod) => pod.Run("sh", "-euc", "ip -o link show; ip -o address show; ip route show table all");
}
