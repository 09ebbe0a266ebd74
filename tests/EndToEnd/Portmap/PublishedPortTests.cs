using System.Net.Sockets;
using EndToEnd.Sandbox;
using Linux.Namespaces;

namespace EndToEnd.Portmap;

/// <summary>Who reaches published ports, and under which address the pod sees them.</summary>
public sealed class PublishedPortTests : IDisposable
{
    private const int Port = 8080;

    private readonly PublishingNode _node = new();

    public void Dispose() => _node.Dispose();

    private static string? Ask(NetworkNamespace from, string address, bool udp, int port = Port) =>
        EchoServer.Ask(from, address, port, udp);

    // With br_netfilter (1) the bridge's frames pass the rules, too.
    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    public void Ports_are_reached_from_everywhere(bool udp, int bridged)
    {
        foreach (string key in (string[])["iptables", "ip6tables"])
            _ = _node.Sandbox.TryRun("sh", "-c", $"echo {bridged} > /proc/sys/net/bridge/bridge-nf-call-{key}");
        (Pod pod, NetworkNamespace web, string config) = _node.Publish("web", _node.Config(PublishingNode.Both(Port)));
        (_, NetworkNamespace other, _) = _node.AddPod("other");
        (string gateway4, string gateway6) = (_node.Network.Gateway4, _node.Network.Gateway6);
        (string from, NetworkNamespace client, string address, string seen)[] ways =
        [
            ("outside", _node.Outside, OutsideWorld.NodeAddress4, OutsideWorld.Address4),
            ("outside", _node.Outside, OutsideWorld.NodeAddress6, OutsideWorld.Address6),
            ("node, localhost", _node.Node, "127.0.0.1", gateway4),
            ("node, localhost", _node.Node, "127.0.0.9", gateway4),
            ("node, its address", _node.Node, OutsideWorld.NodeAddress4, OutsideWorld.NodeAddress4),
            ("node, its address", _node.Node, OutsideWorld.NodeAddress6, OutsideWorld.NodeAddress6),
            ("node, the bridge's address", _node.Node, gateway4, gateway4),
            ("itself", web, OutsideWorld.NodeAddress4, gateway4),
            ("itself", web, OutsideWorld.NodeAddress6, gateway6),
            ("itself, by the gateway", web, gateway4, gateway4),
            ("itself, by the gateway", web, gateway6, gateway6),
            ("another pod", other, OutsideWorld.NodeAddress4, gateway4),
            ("another pod", other, OutsideWorld.NodeAddress6, gateway6),
            ("another pod, by the gateway", other, gateway4, gateway4),
        ];
        Assert.Equal(
            ways.Select(way => $"{way.from} {way.address}: web {way.seen}"),
            ways.Select(way => $"{way.from} {way.address}: {Ask(way.client, way.address, udp)}"));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress4, udp, Port + 1));
        // The host's own ::1 is not taken away.
        using (EchoServer.Start(_node.Node, "node", Port))
            Assert.Equal("node ::1", Ask(_node.Node, "::1", udp));

        Assert.Empty(_node.Plugin.Check("portmap", config, pod).ExpectSuccess().Output);
        Assert.Empty(_node.Plugin.Delete("portmap", config, pod).ExpectSuccess().Output);
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress4, udp));
        Assert.Null(Ask(_node.Node, "127.0.0.1", udp));
    }

    [Fact]
    public void MasqAll_hides_everybody()
    {
        _ = _node.Publish("web", _node.Config(PublishingNode.Both(Port), """, "masqAll": true"""));
        Assert.Equal($"web {_node.Network.Gateway4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false));
        Assert.Equal($"web {_node.Network.Gateway6}", Ask(_node.Outside, OutsideWorld.NodeAddress6, udp: true));
    }

    [Fact]
    public void Without_snat_the_outside_gets_through_and_localhost_does_not()
    {
        _ = _node.Publish("web", _node.Config(PublishingNode.Both(Port), """, "snat": false"""));
        Assert.Equal($"web {OutsideWorld.Address4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false));
        Assert.Null(Ask(_node.Node, "127.0.0.1", udp: false));
    }

    [Fact]
    public void HostIP_limits_a_port_to_one_address()
    {
        _ = _node.Publish("web", _node.Config(
            $"{PublishingNode.Both(Port, keys: $""", "hostIP": "{OutsideWorld.NodeAddress4}" """)}, "
            + $"{PublishingNode.Both(Port + 1, keys: """, "hostIP": "127.0.0.1" """)}, "
            + PublishingNode.Both(Port + 2, keys: """, "hostIP": "::" """)));
        Assert.Equal($"web {OutsideWorld.Address4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress6, udp: false));
        Assert.Null(Ask(_node.Node, "127.0.0.1", udp: false));
        Assert.Equal($"web {_node.Network.Gateway4}", Ask(_node.Node, "127.0.0.1", udp: false, Port + 1));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false, Port + 1));
        Assert.Equal($"web {OutsideWorld.Address6}", Ask(_node.Outside, OutsideWorld.NodeAddress6, udp: true, Port + 2));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false, Port + 2));
    }

    [Fact]
    public void Conditions_are_of_their_mappings_alone()
    {
        _ = _node.Publish(
            "web",
            _node.Config(
                PublishingNode.Both(Port), $$""", "conditionsV4": ["ip", "saddr", "{ 203.0.113.0/24, {{OutsideWorld.Address4}} }"]"""));
        _ = _node.Publish(
            "closed",
            _node.Config(
                PublishingNode.Both(Port + 1),
                """, "conditionsV4": ["iifname != \"uplink\""], "conditionsV6": ["ip6 saddr 2001:db8:1::/48"]"""));
        _ = _node.Publish("open", _node.Config(PublishingNode.Both(Port + 2)));
        Assert.Equal($"web {OutsideWorld.Address4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: true));
        Assert.Null(Ask(_node.Node, OutsideWorld.NodeAddress4, udp: true));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false, Port + 1));
        Assert.Null(Ask(_node.Outside, OutsideWorld.NodeAddress6, udp: false, Port + 1));
        Assert.Equal($"open {OutsideWorld.Address4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false, Port + 2));
        Assert.Equal($"open {OutsideWorld.NodeAddress4}", Ask(_node.Node, OutsideWorld.NodeAddress4, udp: false, Port + 2));
    }

    // P8: what conntrack remembers of a client that never stops sending must not outlive the pod.
    [Theory]
    [InlineData(OutsideWorld.NodeAddress4, OutsideWorld.Address4)]
    [InlineData(OutsideWorld.NodeAddress6, OutsideWorld.Address6)]
    public void Udp_client_follows_the_port_from_nobody_to_one_pod_and_the_next(string address, string self)
    {
        using Socket client = EchoServer.OpenClient(_node.Outside, address, udp: true);
        Assert.Null(EchoServer.Ask(client, address, Port));
        (Pod first, _, string config) = _node.Publish("first", _node.Config(PublishingNode.Both(Port)));
        Assert.Equal($"first {self}", EchoServer.Ask(client, address, Port));
        _ = _node.Plugin.Delete("portmap", config, first).ExpectSuccess();
        Assert.Null(EchoServer.Ask(client, address, Port));
        _ = _node.Plugin.Add("portmap", config, first).ExpectSuccess();
        Assert.Equal($"first {self}", EchoServer.Ask(client, address, Port));

        // It dies without a DEL.
        _ = _node.Sandbox.Run("ip", "link", "delete", OurPlugins.HostInterface(_node.Network.Name, first));
        _ = _node.Publish("second", _node.Config(PublishingNode.Both(Port)));
        Assert.Equal($"second {self}", EchoServer.Ask(client, address, Port));
        _ = _node.Plugin.Delete("portmap", config, first).ExpectSuccess();
        Assert.Equal($"second {self}", EchoServer.Ask(client, address, Port));
    }

    // A node that was switched while the pod ran.
    [Fact]
    public void Udp_client_leaves_a_port_that_the_reference_published()
    {
        PluginProcess reference = PluginProcess.OfReference(_node.Sandbox, "portmap");
        (Pod pod, NetworkNamespace network, PluginResult added) = _node.AddPod("old");
        using EchoServer server = EchoServer.Start(network, "old", 80);
        string config = added.WithPrevResult(_node.Config(PublishingNode.Both(Port)))
            .Replace("\"1.1.0\"", "\"1.0.0\"", StringComparison.Ordinal);
        _ = reference.Add("portmap", config, pod).ExpectSuccess();
        using Socket client = EchoServer.OpenClient(_node.Outside, OutsideWorld.NodeAddress4, udp: true);
        Assert.Equal($"old {OutsideWorld.Address4}", EchoServer.Ask(client, OutsideWorld.NodeAddress4, Port));

        _ = _node.Plugin.Delete("portmap", config, pod).ExpectSuccess();

        Assert.Null(EchoServer.Ask(client, OutsideWorld.NodeAddress4, Port));
    }

    [Fact]
    public void Port_of_a_live_pod_is_refused_naming_it()
    {
        _ = _node.Publish("first", _node.Config(PublishingNode.Both(Port)));
        (Pod second, _, PluginResult added) = _node.AddPod("second");
        string error = _node.Plugin.Add("portmap", added.WithPrevResult(_node.Config(PublishingNode.Both(Port))), second)
            .ExpectError(code: 103);
        Assert.Contains($"tcp port {Port}", error, StringComparison.Ordinal);
        Assert.Contains($"network {_node.Network.Name}, container first, interface eth0", error, StringComparison.Ordinal);
        Assert.Equal($"first {OutsideWorld.Address4}", Ask(_node.Outside, OutsideWorld.NodeAddress4, udp: false));
    }

    // route_localnet opens 127.0.0.0/8 to whoever is on the link (CVE-2020-8558).
    [Fact]
    public void Pods_do_not_reach_what_listens_on_the_hosts_localhost()
    {
        _ = _node.Publish("web", _node.Config(PublishingNode.Both(Port)));
        (Pod attacker, NetworkNamespace network, _) = _node.AddPod("attacker");
        using EchoServer local = EchoServer.Start(_node.Node, "secret", 9999);
        _ = attacker.Run("sh", "-euc", $"""
            ip addr flush dev lo
            echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet
            ip route add 127.0.0.1/32 via {_node.Network.Gateway4} dev eth0
            """);
        Assert.Null(Ask(network, "127.0.0.1", udp: true, 9999));
        _ = _node.Sandbox.Run("nft", "flush chain inet cniplugin ports_prerouting");
        Assert.Equal($"secret {attacker.Address()}", Ask(network, "127.0.0.1", udp: true, 9999));
    }
}
