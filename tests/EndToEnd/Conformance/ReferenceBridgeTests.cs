using System.Text.Json;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Conformance;

/// <summary>
/// What the reference's own suite asserts of its bridge (containernetworking/plugins, plugins/main/bridge/bridge_test.go), and what it
/// ought to.
/// </summary>
public sealed class ReferenceBridgeTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    [Fact]
    public void A_bridge_that_exists_is_adopted()
    {
        TestNetwork network = node.NewNetwork();
        _ = node.Sandbox.Run("ip", "link", "add", network.Bridge, "type", "bridge");
        int index = node.Link(network.Bridge).GetProperty("ifindex").GetInt32();

        (_, PluginResult added) = node.Attach(network.Config());

        Assert.Equal(index, node.Link(network.Bridge).GetProperty("ifindex").GetInt32());
        Assert.Contains("UP", node.Link(network.Bridge).GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        Assert.Equal(network.Bridge, added.Json.GetProperty("interfaces")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void The_bridge_is_cni0_unless_named()
    {
        Pod pod = node.NewPod();
        string config = $$"""{ "cniVersion": "1.0.0", "name": "{{node.NewNetwork().Name}}", "bridge": "" }""";

        _ = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        Assert.NotNull(node.FindLink("cni0"));
    }

    [Theory]
    [InlineData("v4")]
    [InlineData("v6")]
    [InlineData("dual")]
    public void A_default_gateway_is_on_the_bridge_and_behind_the_default_route(string layout)
    {
        TestNetwork network = node.NewNetwork();
        string resolv = node.Sandbox.WriteFile(
            $"{network.Name}-resolv.conf",
            "# comment\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.test b.test\noptions ndots:5\n; end\n");
        string config = network.Config(""" "isDefaultGateway": true """, network.Ipam(layout, $$""" "resolvConf": "{{resolv}}" """));

        (Pod pod, PluginResult added) = node.Attach(config);

        string[] gateways =
        [
            .. layout is "v6" ? [] : (string[])[$"{network.Gateway4}/24"],
            .. layout is "v4" ? [] : (string[])[$"{network.Gateway6}/64"],
        ];
        Assert.Equal(gateways, node.Addresses(network.Bridge));
        Assert.Equal(network.FirstAddresses(layout), node.Addresses("eth0", pod));
        foreach (string gateway in gateways)
        {
            string address = gateway[..gateway.IndexOf('/', StringComparison.Ordinal)];
            IpFamily family = address.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4;
            string route = Assert.Single(ConformanceNode.Routes(pod, family), line => line.StartsWith("default", StringComparison.Ordinal));
            Assert.StartsWith($"default via {address} dev eth0", route, StringComparison.Ordinal);
            Assert.DoesNotContain(" src ", route, StringComparison.Ordinal);
            // Once: a bridge that is new must answer the first packet at once, over IPv6, too.
            pod.AssertReaches(address);
        }
        JsonElement dns = added.Json.GetProperty("dns");
        Assert.Equal(["192.0.2.1", "192.0.2.2"], dns.GetProperty("nameservers").EnumerateArray().Select(server => server.GetString()));
        Assert.Equal(["a.test", "b.test"], dns.GetProperty("search").EnumerateArray().Select(domain => domain.GetString()));
        Assert.Equal(["ndots:5"], dns.GetProperty("options").EnumerateArray().Select(option => option.GetString()));
        Assert.All(
            added.Json.GetProperty("interfaces").EnumerateArray(), link => Assert.Equal(17, link.GetProperty("mac").GetString()!.Length));
    }

    [Fact]
    public void Two_subnets_of_one_family_both_have_their_gateways_on_the_bridge()
    {
        TestNetwork network = node.NewNetwork();
        string ipam = network.Ipam("two v4");

        (Pod pod, _) = node.Attach(network.Config(""" "isGateway": true """, ipam));
        _ = node.Attach(network.Config(""" "isGateway": true """, ipam));

        Assert.Equal(network.FirstAddresses("two v4"), node.Addresses("eth0", pod));
        Assert.Equal([$"{network.Gateway4}/24", $"10.{network.Number}.1.1/24"], node.Addresses(network.Bridge));
    }

    [Theory]
    [InlineData("10.N.9.1/24", "v4", true)]
    [InlineData("10.N.0.9/24", "v4", true)]
    [InlineData("10.N.0.1/24", "v4", false)]
    [InlineData("fd00:N::9/60", "v6", true)]
    [InlineData("fd00:N::9/64", "v6", true)]
    [InlineData("fd01:N::1/64", "v6", false)]
    [InlineData("fd00:N::1/64", "v6", false)]
    public void A_gateway_address_in_the_way_is_replaced_only_by_force(string present, string layout, bool isInTheWay)
    {
        TestNetwork network = node.NewNetwork();
        present = present.Replace("N", $"{network.Number}", StringComparison.Ordinal);
        string gateway = layout == "v4" ? $"{network.Gateway4}/24" : $"{network.Gateway6}/64";
        _ = node.Sandbox.Run(
            "sh",
            "-euc",
            $"ip link add {network.Bridge} type bridge && ip link set {network.Bridge} up && ip address add {present} dev "
            + $"{network.Bridge}");
        Pod pod = node.NewPod();

        PluginResult unforced = node.Plugin.Add("bridge", network.Config(""" "isGateway": true """, network.Ipam(layout)), pod);
        if (isInTheWay)
        {
            Says.All(unforced.ExpectError(code: 7), present, gateway, "forceAddress", network.Bridge);
            Assert.Equal([present], node.Addresses(network.Bridge));
            _ = node.Plugin.Add("bridge", network.Config(""" "isGateway": true, "forceAddress": true """, network.Ipam(layout)), pod)
                .ExpectSuccess();
            Assert.Equal([gateway], node.Addresses(network.Bridge));
        }
        else
        {
            _ = unforced.ExpectSuccess();
            Assert.Equal(((string[])[present, gateway]).Distinct().Order(), node.Addresses(network.Bridge).Order());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "isGateway": true """)]
    public void The_bridge_keeps_its_mac_while_ports_come_and_go(string keys)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(keys, keys.Length == 0 ? "" : network.Ipam("dual"));
        (Pod first, PluginResult added) = node.Attach(config);
        string mac = node.Link(network.Bridge).GetProperty("address").GetString()!;
        Assert.Equal(mac, added.Json.GetProperty("interfaces")[0].GetProperty("mac").GetString());
        // The kernel would take the lowest port's.
        _ = node.Sandbox.Run(
            "sh",
            "-euc",
            $"ip link add low{network.Number} address 02:00:00:00:00:01 type veth peer name lowpeer{network.Number} && ip link set "
            + $"low{network.Number} master {network.Bridge}");

        (Pod second, _) = node.Attach(config);
        _ = node.Plugin.Delete("bridge", config, first).ExpectSuccess();
        _ = node.Plugin.Delete("bridge", config, second).ExpectSuccess();

        Assert.Equal(mac, node.Link(network.Bridge).GetProperty("address").GetString());
        Assert.NotEqual(mac, node.Link($"low{network.Number}").GetProperty("address").GetString());
    }

    [Fact]
    public void A_bridge_that_is_adopted_keeps_its_mac_from_its_first_gateway_address_on()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true """);
        _ = node.Sandbox.Run("ip", "link", "add", network.Bridge, "up", "type", "bridge");
        string mac = node.Link(network.Bridge).GetProperty("address").GetString()!;

        (Pod pod, PluginResult added) = node.Attach(config);
        Assert.Equal(mac, node.Link(network.Bridge).GetProperty("address").GetString());
        Assert.Equal(mac, added.Json.GetProperty("interfaces")[0].GetProperty("mac").GetString());
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();

        Assert.Equal(mac, node.Link(network.Bridge).GetProperty("address").GetString());
    }

    [Fact]
    public void Promiscuous_mode_is_set_once()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "promiscMode": true """, ipam: "");
        _ = node.Attach(config);
        _ = node.Attach(config);

        Assert.Equal(1, node.Link(network.Bridge).GetProperty("promiscuity").GetInt32());
    }

    [Theory]
    [InlineData("MAC=c2:11:22:33:44:55", "", "", "c2:11:22:33:44:55")]
    [InlineData("IgnoreUnknown=1;MAC=c2-11-22-33-44-55", "", "", "c2:11:22:33:44:55")]
    [InlineData("MAC=c2:11:22:33:44:55", "c2:11:22:33:44:66", "", "c2:11:22:33:44:66")]
    [InlineData("MAC=c2:11:22:33:44:55", "c2:11:22:33:44:66", "C2:11:22:33:44:77", "c2:11:22:33:44:77")]
    [InlineData(null, "", "c211.2233.4477", "c2:11:22:33:44:77")]
    public void The_strongest_source_of_a_mac_wins(string? args, string cni, string runtime, string mac)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(
            $$""" "capabilities": { "mac": true }, "args": { "cni": { "mac": "{{cni}}" } }, "RuntimeConfig": { "mac": "{{runtime}}" } """);
        Pod pod = node.NewPod();

        PluginResult added = node.Plugin.Run("bridge", "ADD", config, pod.ContainerId, pod.Netns, "eth0", args).ExpectSuccess();

        Assert.Equal(mac, node.Link("eth0", pod).GetProperty("address").GetString());
        Assert.Equal(mac, added.Json.GetProperty("interfaces")[2].GetProperty("mac").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "ipMasqBackend": "" """)]
    [InlineData(""", "ipMasqBackend": "iptables" """)]
    [InlineData(""", "ipMasqBackend": "nftables" """)]
    public void Masquerading_needs_no_backend(string backend)
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config($""" "isGateway": true, "ipMasq": true{backend} """, network.Ipam("dual"));

        (Pod pod, _) = node.Attach(config);

        string ruleset = node.Ruleset();
        Says.All(
            ruleset,
            OurPlugins.Tag(network.Name, pod),
            $"10.{network.Number}.0.2 comment",
            $"fd00:{network.Number}::2 comment",
            "masquerade");
        _ = node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.DoesNotContain(OurPlugins.Tag(network.Name, pod), node.Ruleset(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interface_that_is_disabled_stays_down()
    {
        TestNetwork network = node.NewNetwork();

        (Pod pod, _) = node.Attach(network.Config(""" "disableContainerInterface": true """, ipam: ""));
        (Pod other, _) = node.Attach(network.Config(ipam: "{}"));

        Assert.DoesNotContain("UP", Flags("eth0", pod));
        Assert.Contains("UP", Flags("eth0", other));
        Assert.Empty(node.Addresses("eth0", other));
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData(""" "portIsolation": false, "hairpinMode": false """, false, false)]
    [InlineData(""" "portIsolation": true """, true, false)]
    [InlineData(""" "hairpinMode": true """, false, true)]
    public void Port_settings_are_as_asked(string keys, bool isolated, bool hairpin)
    {
        TestNetwork network = node.NewNetwork();
        (Pod pod, _) = node.Attach(network.Config(keys));

        Assert.Equal(isolated, node.IsPortFlag(ConformanceNode.Port(network, pod), "isolated"));
        Assert.Equal(hairpin, node.IsPortFlag(ConformanceNode.Port(network, pod), "hairpin"));
    }

    [Fact]
    public void Isolated_pods_reach_their_gateway_and_not_each_other()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true, "portIsolation": true """);
        (Pod first, _) = node.Attach(config);
        (Pod second, _) = node.Attach(config);

        first.AssertReaches(network.Gateway4);
        first.AssertDoesNotReach(second.Address());
    }

    [Fact]
    public void The_mtu_is_that_of_all_three_links()
    {
        TestNetwork network = node.NewNetwork();

        (Pod pod, PluginResult added) = node.Attach(network.Config(""" "mtu": 1400 """));
        (Pod heir, _) = node.Attach(network.Config());

        foreach (JsonElement link in (JsonElement[])[
            node.Link(network.Bridge),
            node.Link(ConformanceNode.Port(network, pod)),
            node.Link("eth0", pod),
            node.Link("eth0", heir),
        ])
        {
            Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        }
        Assert.Equal(1400, added.Json.GetProperty("interfaces")[2].GetProperty("mtu").GetInt32());
    }

    [Fact]
    public void Routes_are_made_with_all_that_they_say()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true """, network.Ipam("dual", $$"""
            "routes": [
              { "dst": "198.51.100.0/24", "mtu": 1300, "advmss": 1260, "priority": 77 },
              { "dst": "203.0.113.0/24", "gw": "10.{{network.Number}}.0.5", "table": 100 },
              { "dst": "192.0.2.0/24", "scope": 253, "gw": "" },
              { "dst": "2001:db8:7::/48", "mtu": 1290, "priority": 99 },
              { "dst": "10.{{network.Number}}.0.0/24" },
              { "dst": "198.51.100.0/24", "mtu": 1300, "advmss": 1260, "priority": 77 }
            ]
            """));

        (Pod pod, PluginResult added) = node.Attach(config);

        string[] routes = [.. ConformanceNode.Routes(pod), .. ConformanceNode.Routes(pod, IpFamily.IPv6)];
        Assert.Single(routes, line => Has(line, "198.51.100.0/24 via ", "metric 77", "mtu 1300", "advmss 1260"));
        Assert.Single(routes, line => Has(line, $"203.0.113.0/24 via 10.{network.Number}.0.5", "table 100"));
        Assert.Single(routes, line => Has(line, "192.0.2.0/24", "dev eth0", "scope link"));
        Assert.Single(routes, line => Has(line, "2001:db8:7::/48 via ", "metric 99", "mtu 1290"));
        Assert.Equal(6, added.Json.GetProperty("routes").GetArrayLength());
        Assert.Equal(1300, added.Json.GetProperty("routes")[0].GetProperty("mtu").GetInt32());
        Assert.Equal(253, added.Json.GetProperty("routes")[2].GetProperty("scope").GetInt32());
        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Fact]
    public void A_default_route_from_ipam_and_one_of_our_own_are_one()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(
            """ "isDefaultGateway": true """, network.Ipam("dual", """ "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }] """));

        (Pod pod, PluginResult added) = node.Attach(config);

        Assert.Single(ConformanceNode.Routes(pod), line => line.StartsWith("default", StringComparison.Ordinal));
        Assert.Single(ConformanceNode.Routes(pod, IpFamily.IPv6), line => line.StartsWith("default", StringComparison.Ordinal));
        _ = node.Check(config, pod, added).ExpectSuccess();
    }

    [Fact]
    public void A_default_route_with_a_gateway_of_its_own_is_the_only_one()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(
            """ "isDefaultGateway": true """,
            network.Ipam(keys: $$""" "routes": [{ "dst": "0.0.0.0/0", "gw": "10.{{network.Number}}.0.99" }] """));

        (Pod pod, _) = node.Attach(config);

        Assert.StartsWith(
            $"default via 10.{network.Number}.0.99",
            Assert.Single(ConformanceNode.Routes(pod), line => line.StartsWith("default", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_s_settings_are_those_of_the_reference()
    {
        TestNetwork network = node.NewNetwork();
        string config = network.Config(""" "isGateway": true """, network.Ipam("dual"));
        Pod pod = node.NewPod();
        _ = pod.Run("sh", "-euc", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
        _ = node.Sandbox.Run("sh", "-euc", "echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv6/conf/all/forwarding");

        _ = node.Plugin.Add("bridge", config, pod).ExpectSuccess();

        string Read(string key) => node.Sandbox.Run("cat", $"/proc/sys/net/{key}").Trim();
        string ReadInside(string key) => pod.Run("cat", $"/proc/sys/net/{key}").Trim();
        Assert.Equal("1", Read("ipv4/ip_forward"));
        Assert.Equal("1", Read("ipv6/conf/all/forwarding"));
        Assert.Equal("0", Read($"ipv6/conf/{network.Bridge}/accept_ra"));
        Assert.Equal("0", Read($"ipv6/conf/{ConformanceNode.Port(network, pod)}/accept_ra"));
        Assert.Equal("0", ReadInside("ipv6/conf/eth0/disable_ipv6"));
        Assert.Equal("0", ReadInside("ipv6/conf/lo/disable_ipv6"));
        Assert.Equal("1", ReadInside("ipv6/conf/eth0/keep_addr_on_down"));
        Assert.Equal("0", ReadInside("ipv6/conf/eth0/accept_dad"));
        Assert.Equal("1", ReadInside("ipv4/conf/eth0/arp_notify"));
    }

    [Fact]
    public void Vlan_keys_without_vlan_filtering_fail_clearly_and_leave_nothing()
    {
        bool isSupported = node.Sandbox.TryRun(
            "sh", "-c", "ip link add probe type bridge vlan_filtering 1 && ip link delete probe").ExitCode == 0;
        string[] requests = [""" "vlan": 100, "isGateway": true """, """ "vlanTrunk": [{ "id": 5 }] """, """ "vlanTrunk": [] """];
        foreach (string keys in requests)
        {
            TestNetwork network = node.NewNetwork();
            TestNetwork existing = node.NewNetwork();
            node.MakeStore(network.HostLocal());
            node.MakeStore(existing.HostLocal());
            _ = node.Sandbox.Run("ip", "link", "add", existing.Bridge, "up", "type", "bridge");
            HostSnapshot before = HostSnapshot.Of(node.Sandbox);
            foreach (TestNetwork target in (TestNetwork[])[network, existing])
            {
                PluginResult result = node.Plugin.Add("bridge", target.Config(keys), node.NewPod());
                if (isSupported)
                {
                    _ = result.ExpectSuccess();
                    continue;
                }
                Says.All(result.ExpectError(code: 2), "vlan", "CONFIG_BRIDGE_VLAN_FILTERING");
                HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
            }
        }
    }

    private string?[] Flags(string name, Pod pod) =>
        [.. node.Link(name, pod).GetProperty("flags").EnumerateArray().Select(flag => flag.GetString())];

    private static bool Has(string line, params IEnumerable<string> parts) =>
        parts.All(part => line.Contains(part, StringComparison.Ordinal));
}
