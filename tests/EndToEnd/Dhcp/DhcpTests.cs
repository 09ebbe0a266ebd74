using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Dhcp;

/// <summary>Daemon and plugin of the published binary, with dnsmasq as the server.</summary>
public sealed class DhcpTests : IDisposable
{
    private const string OneAddress = "--dhcp-range=192.168.1.5,192.168.1.5,255.255.255.0,120s";
    private const string ManyAddresses = "--dhcp-range=192.168.1.5,192.168.1.250,255.255.255.0,120s";

    private readonly DhcpNode _node = new();

    public static TheoryData<string> Versions => ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_verb_works_or_is_refused_as_its_version_says(string version)
    {
        _ = _node.StartDnsmasq(OneAddress);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        string config = DhcpNode.Network(version: version);

        PluginResult added = _node.Plugin.Add("bridge", config, pod);

        Assert.Equal("192.168.1.5/24", DhcpNode.Address(added));
        Assert.Equal("192.168.1.5", pod.Address());
        pod.AssertReaches("192.168.1.1");
        string behind = added.WithPrevResult(config);
        PluginResult check = _node.Plugin.Check("bridge", behind, pod);
        _ = version.StartsWith("0.", StringComparison.Ordinal) && version != "0.4.0"
            ? check.ExpectError(code: 1).Length
            : check.ExpectSuccess().Output.Length;
        _ = _node.AssertLeases(1);
        _ = _node.Plugin.Delete("bridge", behind, pod).ExpectSuccess();
        _ = _node.AssertLeases(0);
        _ = _node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        foreach (string verb in (string[])["STATUS", "GC"])
        {
            PluginResult result = _node.Plugin.Run("dhcp", verb, config);
            _ = version == "1.1.0" ? result.ExpectSuccess().Output.Length : result.ExpectError(code: 1).Length;
        }
    }

    // The usual pair: the pod is a host of the network that its node is in.
    [Fact]
    public void A_macvlan_gets_its_address_from_the_networks_server()
    {
        _ = _node.StartDnsmasq(OneAddress);
        _ = _node.StartDaemon();
        _node.Script("ip link add uplink type veth peer name port1 && ip link set port1 master lan0 up && ip link set uplink up");
        Pod pod = _node.NewPod();
        const string Config =
            """{ "cniVersion": "1.1.0", "name": "lan", "type": "macvlan", "master": "uplink", "ipam": { "type": "dhcp" } }""";

        PluginResult added = _node.Plugin.Add("macvlan", Config, pod);

        Assert.Equal("192.168.1.5/24", DhcpNode.Address(added));
        pod.AssertReaches("192.168.1.1");
        _ = _node.Plugin.Check("macvlan", added.WithPrevResult(Config), pod).ExpectSuccess();
        _ = _node.Plugin.Delete("macvlan", added.WithPrevResult(Config), pod).ExpectSuccess();
        _ = _node.AssertLeases(0);
        Assert.NotEqual(0, pod.TryRun("ip", "link", "show", "dev", "eth0").ExitCode);
        // A second pod can have it at once.
        Assert.Equal("192.168.1.5/24", DhcpNode.Address(_node.Plugin.Add("macvlan", Config, _node.NewPod())));
    }

    [Fact]
    public void Gateway_routes_and_dns_come_into_the_result()
    {
        _ = _node.StartDnsmasq(
            ManyAddresses,
            "--dhcp-option=6,192.168.1.7,192.168.1.8",
            "--domain=example.org",
            "--dhcp-option=option:domain-search,eng.example.org,example.org",
            "--dhcp-option=121,10.9.0.0/16,192.168.1.9,0.0.0.0/0,192.168.1.1");
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();

        JsonElement result = _node.Plugin.Add("bridge", DhcpNode.Network(""" "priority": 50 """), pod).ExpectSuccess().Json;

        Assert.Equal("192.168.1.1", result.GetProperty("ips")[0].GetProperty("gateway").GetString());
        Assert.Equal(
            ["10.9.0.0/16 192.168.1.9 50", "0.0.0.0/0 192.168.1.1 50"],
            result.GetProperty("routes")
                .EnumerateArray()
                .Select(static route => $"{route.GetProperty("dst")} {route.GetProperty("gw")} {route.GetProperty("priority")}"));
        JsonElement dns = result.GetProperty("dns");
        Assert.Equal(
            ["192.168.1.7", "192.168.1.8"], dns.GetProperty("nameservers").EnumerateArray().Select(static server => server.GetString()));
        Assert.Equal("example.org", dns.GetProperty("domain").GetString());
        Assert.Equal(
            ["eng.example.org", "example.org"], dns.GetProperty("search").EnumerateArray().Select(static name => name.GetString()));
        Assert.Contains(
            "default via 192.168.1.1 metric 50",
            pod.Run("ip", "route").Replace("dev eth0 ", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Provided_options_reach_the_server_and_the_client_identifier_is_the_same_on_release()
    {
        _ = _node.StartDnsmasq(ManyAddresses, "--dhcp-host=id:my-id,192.168.1.99");
        _ = _node.StartDaemon("-broadcast");
        string config = DhcpNode.Network(
            """ "provide": [{ "option": "dhcp-client-identifier", "value": "my-id" }, { "option": "12", "fromArg": "POD" }] """);
        Pod pod = _node.NewPod();

        PluginResult added = _node.Plugin.Run(
            "bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", args: "IgnoreUnknown=1;POD=blue");

        Assert.Equal("192.168.1.99/24", DhcpNode.Address(added));
        Assert.Contains(" blue ", Assert.Single(_node.AssertLeases(1)), StringComparison.Ordinal);
        _ = _node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        _ = _node.AssertLeases(0);
    }

    [Fact]
    public void Two_interfaces_of_a_pod_have_two_leases()
    {
        _ = _node.StartDnsmasq(ManyAddresses);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        string[] addresses =
        [
            .. ((string[])["eth0", "eth1"]).Select(name =>
                DhcpNode.Address(_node.Plugin.Run("bridge", "ADD", DhcpNode.Network(), pod.ContainerId, pod.Netns, name))),
        ];
        Assert.Equal(2, addresses.Distinct().Count());
        _ = _node.AssertLeases(2);
    }

    [Fact]
    public void DELs_at_once_and_one_more_succeed()
    {
        _ = _node.StartDnsmasq(OneAddress);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(), pod).ExpectSuccess();

        RunningCommand[] dels =
        [
            .. Enumerable.Range(0, 3)
                .Select(_ => _node.Plugin.Start("bridge", "DEL", DhcpNode.Network(), pod.ContainerId, pod.Netns, "eth0")),
        ];
        foreach (RunningCommand del in dels)
        {
            _ = del.WaitForExit().Expect(exitCode: 0);
            del.Dispose();
        }
        _ = _node.Plugin.Delete("bridge", DhcpNode.Network(), pod).ExpectSuccess();
        _ = _node.AssertLeases(0);
    }

    [Fact]
    public void An_exhausted_pool_is_told_in_the_references_words_and_leaves_nothing()
    {
        _ = _node.StartDnsmasq(OneAddress);
        _ = _node.StartDaemon("-timeout", "2s", "-resendmax", "8s", "--resendtimeout=10s");
        Pod first = _node.NewPod(), second = _node.NewPod();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(), first).ExpectSuccess();

        PluginResult refused = _node.Plugin.Add("bridge", DhcpNode.Network(), second);

        Assert.StartsWith("error calling DHCP.Allocate: no more tries; ", refused.ExpectError(code: 11), StringComparison.Ordinal);
        Assert.NotEqual(0, second.TryRun("ip", "link", "show", "dev", "eth0").ExitCode);
        _ = _node.Plugin.Delete("bridge", DhcpNode.Network(), second).ExpectSuccess();
        _ = _node.Plugin.Delete("bridge", DhcpNode.Network(), first).ExpectSuccess();
        Assert.Equal("192.168.1.5/24", DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), second)));
    }

    [Fact]
    public void A_second_request_for_a_lease_is_answered_and_CHECK_takes_none()
    {
        _ = _node.StartDnsmasq(ManyAddresses);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod(), other = _node.NewPod();
        string address = DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), pod));

        Assert.Equal(address, DhcpNode.Address(_node.Plugin.Add("dhcp", DhcpNode.Network(), pod)));
        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), pod).ExpectSuccess();
        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), other).ExpectError(code: 104);
        _ = _node.AssertLeases(1);
    }

    [Fact]
    public void GC_gives_back_what_is_not_valid_and_STATUS_needs_a_daemon()
    {
        _ = _node.StartDnsmasq(ManyAddresses);
        string status = _node.Plugin.Run("bridge", "STATUS", DhcpNode.Network()).ExpectError(code: 50);
        Assert.Contains("dhcp daemon", status, StringComparison.Ordinal);
        _ = _node.StartDaemon();
        _ = _node.Plugin.Run("bridge", "STATUS", DhcpNode.Network()).ExpectSuccess();
        Pod valid = _node.NewPod(), garbage = _node.NewPod(), foreign = _node.NewPod();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(), valid).ExpectSuccess();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(), garbage).ExpectSuccess();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(name: "other"), foreign).ExpectSuccess();

        string gc = DhcpNode.Network()
            .TrimEnd()[..^1] + $$""", "cni.dev/valid-attachments": [{ "containerID": "{{valid.ContainerId}}", "ifname": "eth0" }] }""";
        _ = _node.Plugin.Run("dhcp", "GC", gc).ExpectSuccess();

        _ = _node.AssertLeases(2);
        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), valid).ExpectSuccess();
        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), garbage).ExpectError(code: 104);
        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(name: "other"), foreign).ExpectSuccess();
    }

    [Fact]
    public void A_pod_that_comes_again_under_its_key_asks_for_its_address()
    {
        RunningCommand dnsmasq = _node.StartDnsmasq(ManyAddresses);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        string address = DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), pod));
        pod.Delete();
        _node.Script($"ip netns add {pod.ContainerId}");

        Assert.Equal(address, DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), pod)));
        _node.KillServer(dnsmasq);
        // The second request was one of INIT-REBOOT: no discovery came before it.
        string log = dnsmasq.WaitForExit().Output;
        Assert.DoesNotContain(
            "DHCPDISCOVER(eth0)", log[log.IndexOf("DHCPACK(eth0)", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Both_families_come_from_their_servers()
    {
        _ = _node.StartDnsmasq(ManyAddresses, "--dhcp-range=fd01::100,fd01::1ff,64,120s", "--dhcp-option=option6:dns-server,[fd01::53]");
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        string config = DhcpNode.Network(""" "ipv6": true """);

        JsonElement result = _node.Plugin.Add("bridge", config, pod).ExpectSuccess().Json;

        string[] addresses = [.. result.GetProperty("ips").EnumerateArray().Select(static ip => ip.GetProperty("address").GetString()!)];
        Assert.StartsWith("192.168.1.", addresses[0], StringComparison.Ordinal);
        Assert.StartsWith("fd01::1", addresses[1], StringComparison.Ordinal);
        Assert.EndsWith("/128", addresses[1], StringComparison.Ordinal);
        Assert.Contains(
            "fd01::53", result.GetProperty("dns").GetProperty("nameservers").EnumerateArray().Select(static server => server.GetString()));
        _ = _node.AssertLeases(2);
        _ = _node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        _ = _node.AssertLeases(0);
    }
}
