using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary><c>ptp</c> as the published binary does it.</summary>
public sealed class PtpTests : IDisposable
{
    private const string Type = "ptp";
    private const string Masqueraded = """ "ipMasq": true """;

    private readonly ConformanceNode _node = new();

    public void Dispose() => _node.Dispose();

    public static TheoryData<string> Layouts => [.. TestNetwork.Layouts];

    private static string Config(TestNetwork network, string layout = "dual", string keys = Masqueraded, string ipam = "") =>
        network.Config(
        keys,
        network.Ipam(
            layout, $""" "routes": [{string.Join(", ", Defaults(layout).Select(route => $$"""{ "dst": "{{route}}" }"""))}]{ipam} """),
        type: Type);

    private static string[] Defaults(string layout) => layout switch
    {
        "v6" => ["::/0"],
        "dual" => ["0.0.0.0/0", "::/0"],
        _ => ["0.0.0.0/0"],
    };

    private (Pod Pod, PluginResult Added) Attach(string config)
    {
        Pod pod = _node.NewPod();
        return (pod, _node.Plugin.Add(Type, config, pod).ExpectSuccess());
    }

    private static string[] PodAddresses(PluginResult added) =>
        [.. added.Json.GetProperty("ips").EnumerateArray().Select(ip => ip.GetProperty("address").GetString()!.Split('/')[0])];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Pods_reach_their_gateways_each_other_and_the_outside_at_once(string layout)
    {
        TestNetwork network = _node.NewNetwork();
        string config = Config(network, layout);
        OutsideWorld outside = OutsideWorld.CreateIn(_node.Sandbox);
        (Pod first, PluginResult added) = Attach(config);
        (_, PluginResult second) = Attach(config);

        foreach (JsonElement ip in added.Json.GetProperty("ips").EnumerateArray())
            first.AssertReaches(ip.GetProperty("gateway").GetString()!);
        foreach (string address in PodAddresses(second))
            first.AssertReaches(address);
        foreach (string route in Defaults(layout))
        {
            bool ipv6 = route == "::/0";
            first.AssertReaches(ipv6 ? OutsideWorld.Address6 : OutsideWorld.Address4);
            Assert.Equal([ipv6 ? OutsideWorld.NodeAddress6 : OutsideWorld.NodeAddress4], outside.TakePingSources());
        }
        foreach (string address in PodAddresses(added))
            _ = _node.Sandbox.Run("ping", "-n", "-c1", "-W2", address);
        _ = _node.Plugin.Check(Type, added.WithPrevResult(config), first).ExpectSuccess();
    }

    [Fact]
    public void Result_lists_the_nodes_end_and_the_pods()
    {
        TestNetwork network = _node.NewNetwork();
        (Pod pod, PluginResult added) = Attach(Config(network, keys: """ "mtu": 1400 """));

        string host = OurPlugins.HostInterface(network.Name, pod);
        JsonElement[] interfaces = [.. added.Json.GetProperty("interfaces").EnumerateArray()];
        Assert.Equal([host, "eth0"], interfaces.Select(entry => entry.GetProperty("name").GetString()));
        Assert.Equal(
            [_node.Link(host).GetProperty("address").GetString(), _node.Link("eth0", pod).GetProperty("address").GetString()],
            interfaces.Select(entry => entry.GetProperty("mac").GetString()));
        Assert.Equal(pod.Netns, interfaces[1].GetProperty("sandbox").GetString());
        Assert.All(added.Json.GetProperty("ips").EnumerateArray(), ip => Assert.Equal(1, ip.GetProperty("interface").GetInt32()));
        Assert.Equal((1400, 1400), (_node.Link(host).GetProperty("mtu").GetInt32(), _node.Link("eth0", pod).GetProperty("mtu").GetInt32()));
        Assert.Equal([$"{network.Gateway4}/32", $"{network.Gateway6}/128"], _node.Addresses(host));
    }

    [Theory]
    [InlineData(
        """[{ "address": "10.NUMBER.0.5/32", "gateway": "169.254.1.1" }, { "address": "fd00:NUMBER::5/128", "gateway":"""
        + """ "fd00:NUMBER::1" }]""",
        "169.254.1.1",
        "fd00:NUMBER::1")]
    [InlineData(
        """[{ "address": "10.NUMBER.0.5/24", "gateway": "10.NUMBER.0.1" }, { "address": "10.NUMBER.0.6/24", "gateway":"""
        + """ "10.NUMBER.0.1" }]""",
        "10.NUMBER.0.1",
        "10.NUMBER.0.1")]
    public void Addresses_of_their_own_and_shared_gateways_work(string ips, string first, string second)
    {
        TestNetwork network = _node.NewNetwork();
        string Of(string text) => text.Replace("NUMBER", $"{network.Number}", StringComparison.Ordinal);
        FakeIpam ipam = FakeIpam.In(_node)
            .Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": {{Of(ips)}}, "routes": [{ "dst": "0.0.0.0/0" }] }""");
        string config = network.Config(Masqueraded, $$"""{ "type": "{{FakeIpam.Type}}" }""", type: Type);
        Pod pod = _node.NewPod();
        PluginResult added = ipam.Plugin.Add(Type, config, pod).ExpectSuccess();

        pod.AssertReaches(Of(first));
        pod.AssertReaches(Of(second));
        foreach (string address in PodAddresses(added))
            _ = _node.Sandbox.Run("ping", "-n", "-c1", "-W2", address);
        _ = ipam.Plugin.Check(Type, added.WithPrevResult(config), pod).ExpectSuccess();
        _ = ipam.Plugin.Delete(Type, config, pod).ExpectSuccess();
        Assert.Null(_node.FindLink("eth0", pod));
        Assert.Equal(["ADD", "CHECK", "DEL"], ipam.Verbs);
    }

    [Theory]
    [InlineData("namespace")]
    [InlineData("empty")]
    [InlineData("absent")]
    [InlineData("another configuration")]
    public void Del_leaves_nothing_of_its_attachment_and_all_of_others(string situation)
    {
        TestNetwork network = _node.NewNetwork();
        string config = Config(network);
        (Pod other, PluginResult kept) = Attach(config);
        HostSnapshot before = HostSnapshot.Of(_node.Sandbox);
        (Pod pod, _) = Attach(config);

        string? netns = situation switch
        {
            "empty" => "",
            "absent" => "/run/netns/absent",
            _ => pod.Netns,
        };
        string behind = situation == "another configuration"
            ? Config(network, "v4", """ "ipMasq": false, "mtu": -1, "ipMasqBackend": "x" """)
            : config;
        for (int round = 0; round < 2; round++)
            Assert.Empty(_node.Plugin.Run(Type, "DEL", behind, pod.ContainerId, netns, "eth0").ExpectSuccess().Output);

        HostSnapshot.Of(_node.Sandbox).AssertSameAs(before);
        Assert.Null(_node.FindLink("eth0", pod));
        Assert.False(_node.IsReserved(network, pod));
        _ = _node.Plugin.Check(Type, kept.WithPrevResult(config), other).ExpectSuccess();
    }

    [Fact]
    public void Gc_removes_what_is_not_listed_and_nothing_else()
    {
        TestNetwork network = _node.NewNetwork();
        string config = Config(network);
        (Pod kept, PluginResult result) = Attach(config);
        HostSnapshot before = HostSnapshot.Of(_node.Sandbox);
        (Pod lost, _) = Attach(config);

        string valid = config.Insert(
            config.LastIndexOf('}'), $$""", "cni.dev/valid-attachments": [{ "containerID": "{{kept.ContainerId}}", "ifname": "eth0" }]""");
        _ = _node.Plugin.Run(Type, "GC", valid).ExpectSuccess();

        HostSnapshot.Of(_node.Sandbox).AssertSameAs(before);
        Assert.False(_node.IsReserved(network, lost));
        _ = _node.Plugin.Check(Type, result.WithPrevResult(config), kept).ExpectSuccess();
    }

    [Fact]
    public void Status_asks_ipam_and_misses_none()
    {
        TestNetwork network = _node.NewNetwork();
        _ = _node.Plugin.Run(Type, "STATUS", Config(network)).ExpectSuccess();
        Says.All(
            _node.Plugin.Run(Type, "STATUS", network.Config("", """{ "type": "absent" }""", type: Type)).ExpectError(code: 50), "absent");
    }

    [Theory]
    [InlineData("", 7, "ipam.type is missing")]
    [InlineData("""{ "type": "host-local", "ranges": [[{ "subnet": "10.1.2.0/24" }]] }""", 7, "mtu is 67", """ "mtu": 67 """)]
    [InlineData(
        """{ "type": "host-local", "ranges": [[{ "subnet": "10.1.2.0/24" }]] }""", 7, "ipMasqBackend", """ "ipMasqBackend": "pf" """)]
    public void What_cannot_be_is_refused_before_anything_is_made(string ipam, int code, string words, string keys = "")
    {
        TestNetwork network = _node.NewNetwork();
        Pod pod = _node.NewPod();
        HostSnapshot before = HostSnapshot.Of(_node.Sandbox);
        Says.All(_node.Plugin.Add(Type, network.Config(keys, ipam, type: Type), pod).ExpectError(code), words);
        HostSnapshot.Of(_node.Sandbox).AssertSameAs(before);
    }

    [Theory]
    [InlineData("""[{ "address": "10.1.2.5/24" }]""", 7, "no gateway for 10.1.2.5/24")]
    [InlineData(
        """[{ "address": "10.1.2.5/24", "gateway": "10.1.2.1" }], "routes": [{ "dst": "0.0.0.0/0", "gw": "10.1.2.5" }]""", 101, "10.1.2.5")]
    public void Add_that_fails_leaves_neither_link_nor_lease(string ips, int code, string words)
    {
        TestNetwork network = _node.NewNetwork();
        FakeIpam ipam = FakeIpam.In(_node).Answering("ADD", $$"""{ "cniVersion": "1.1.0", "ips": {{ips}} }""");
        Pod pod = _node.NewPod();
        HostSnapshot before = HostSnapshot.Of(_node.Sandbox);

        Says.All(
            ipam.Plugin.Add(Type, network.Config(Masqueraded, $$"""{ "type": "{{FakeIpam.Type}}" }""", type: Type), pod).ExpectError(code),
            words);

        HostSnapshot.Of(_node.Sandbox).AssertSameAs(before);
        Assert.Null(_node.FindLink("eth0", pod));
        Assert.Equal(["ADD", "DEL"], ipam.Verbs);
    }

    [Fact]
    public void Node_that_cannot_forward_gets_neither_link_nor_lease()
    {
        TestNetwork network = _node.NewNetwork();
        // Of IPv6 it is another setting that cannot be made.
        string config = Config(network, "v4");
        _node.MakeStore(network.HostLocal("v4"));
        Pod pod = _node.NewPod();
        _ = _node.Sandbox.Run(
            "sh",
            "-euc",
            "echo 0 >/proc/sys/net/ipv4/ip_forward; mount --bind -o ro /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys");
        HostSnapshot before = HostSnapshot.Of(_node.Sandbox);

        Says.All(_node.Plugin.Add(Type, config, pod).ExpectError(code: 101), "ip_forward");

        HostSnapshot.Of(_node.Sandbox).AssertSameAs(before);
        Assert.Null(_node.FindLink("eth0", pod));
        Assert.False(_node.IsReserved(network, pod));
        _ = _node.Sandbox.Run("umount", "/proc/sys");
        _ = _node.Plugin.Add(Type, config, pod).ExpectSuccess();
    }

    [Fact]
    public void Add_that_is_killed_leaves_nothing_behind_its_del()
    {
        TestNetwork network = _node.NewNetwork();
        string config = Config(network);
        (Pod pod, _) = Attach(config);
        _ = _node.Plugin.Delete(Type, config, pod).ExpectSuccess();
        NodeState before = NodeState.Of(_node.Sandbox);

        for (int round = 0; round < 40; round++)
        {
            using RunningCommand add = _node.Plugin.Start(Type, "ADD", config, pod.ContainerId, pod.Netns, "eth0");
            add.KillAfter(TimeSpan.FromMilliseconds(round * 0.5));
            _ = add.WaitForExit();
            _ = _node.Plugin.Delete(Type, config, pod).ExpectSuccess();
            NodeState.Of(_node.Sandbox).AssertSameAs(before);
        }
        Assert.False(_node.IsReserved(network, pod));
    }

    [Theory]
    [InlineData("ip address delete GATEWAY/32 dev PORT", "GATEWAY/32", "PORT")]
    [InlineData("ip route delete ADDRESS/32", "ADDRESS/32", "PORT")]
    [InlineData("nft delete element inet cniplugin masq4 { ADDRESS }", "masq4", "ADDRESS")]
    [InlineData("ip -n POD route delete default", "0.0.0.0/0")]
    [InlineData("ip -n POD address delete ADDRESS/24 dev eth0", "ADDRESS/24")]
    public void Check_names_what_is_missing(string damage, params string[] words)
    {
        TestNetwork network = _node.NewNetwork();
        string config = Config(network);
        (Pod pod, PluginResult added) = Attach(config);
        string Of(string text) => text
            .Replace("GATEWAY", network.Gateway4, StringComparison.Ordinal)
            .Replace("PORT", OurPlugins.HostInterface(network.Name, pod), StringComparison.Ordinal)
            .Replace("ADDRESS", pod.Address(), StringComparison.Ordinal)
            .Replace("POD", pod.ContainerId, StringComparison.Ordinal);
        string command = Of(damage);
        string[] names = [.. words.Select(Of)];

        _ = _node.Sandbox.Run("sh", "-euc", command);

        Says.All(_node.Plugin.Check(Type, added.WithPrevResult(config), pod).ExpectError(code: 104), names);
    }
}
