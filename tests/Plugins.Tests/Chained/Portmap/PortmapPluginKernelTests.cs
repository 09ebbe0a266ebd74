using Cni;
using Datapath.Rulesets;
using Linux.Addresses;
using Plugins.Chained.Portmap;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

/// <summary>The rules and elements of <c>portmap</c>, for a pod that a veth and two routes stand in for.</summary>
public sealed class PortmapPluginKernelTests : PortmapKernelTest
{
    [Fact]
    public void Nft_lists_what_is_meant()
    {
        Succeed(
            "ADD",
            Mapped($$"""{{Web}}, {{Dns}}, {"hostPort": 9000, "containerPort": 9000, "protocol": "sctp", "hostIP": "2001:db8::1"}"""));
        string comment = $"comment \"{Tag.Text} pods c1 eth0 ns={Pod.Cookie:x}\"";
        NftProgram.AssertListing(Node, $$"""
            table inet cniplugin {
                map ports4 {
                    type inet_proto . inet_service : ipv4_addr . inet_service
                    elements = { tcp . 8080 {{comment}} : 10.1.2.5 . 80 }
                }
                map host_ports4 {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                    elements = { 192.0.2.1 . udp . 53 {{comment}} : 10.1.2.5 . 5353 }
                }
                map published4 {
                    type ipv4_addr : verdict
                    elements = { 10.1.2.5 {{comment}} : goto hairpin_10.1.2.0_24 }
                }
                set service_addresses4 {
                    type ipv4_addr
                }
                map ports6 {
                    type inet_proto . inet_service : ipv6_addr . inet_service
                    elements = { tcp . 8080 {{comment}} : fd00:1::5 . 80 }
                }
                map host_ports6 {
                    type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
                    elements = { 2001:db8::1 . sctp . 9000 {{comment}} : fd00:1::5 . 9000 }
                }
                map published6 {
                    type ipv6_addr : verdict
                    elements = { fd00:1::5 {{comment}} : goto hairpin_fd00_1___64 }
                }
                set service_addresses6 {
                    type ipv6_addr
                }
                chain port_conditions {
                }
                chain hairpin_10.1.2.0_24 {
                    ip saddr 10.1.2.0/24 masquerade
                    ip saddr 127.0.0.0/8 masquerade
                }
                chain hairpin_fd00_1___64 {
                    ip6 saddr fd00:1::/64 masquerade
                }
                chain hairpin_all {
                    masquerade
                }
                chain ports {
                    ip daddr @service_addresses4 return
                    ip6 daddr @service_addresses6 return
                    jump port_conditions
                    dnat ip to ip daddr . meta l4proto . th dport map @host_ports4
                    dnat ip to meta l4proto . th dport map @ports4
                    dnat ip6 to ip6 daddr . meta l4proto . th dport map @host_ports6
                    dnat ip6 to meta l4proto . th dport map @ports6
                }
                chain ports_prerouting {
                    type nat hook prerouting priority dstnat + 1; policy accept;
                    iifname != "lo" ip daddr 127.0.0.0/8 drop
                    fib daddr type local jump ports
                }
                chain ports_output {
                    type nat hook output priority -99; policy accept;
                    ip6 daddr ::1 return
                    fib daddr type local jump ports
                }
                chain ports_postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    ct status dnat ip daddr vmap @published4
                    ct status dnat ip6 daddr vmap @published6
                }
            }
            """);
    }

    [Theory]
    [InlineData("\"snat\": false", "return")]
    [InlineData("\"masqAll\": true", "goto hairpin_all")]
    public void Masquerade_is_of_the_pod(string keys, string verdict)
    {
        Succeed("ADD", Mapped(Web, keys));
        Assert.Equal(2, Elements().Count(line => line.EndsWith($": {verdict} }}", StringComparison.Ordinal)));
        Succeed("CHECK", Mapped(Web, keys));
        Succeed("DEL", Mapped(Web, keys));
        Assert.Empty(Elements());
    }

    [Fact]
    public void Nothing_to_do_is_nothing_done()
    {
        Succeed("ADD", Prev());
        Succeed("CHECK", Prev());
        Succeed("DEL", Prev());
        Succeed("DEL", "");
        Succeed("GC", "");
        Assert.Empty(NftProgram.List(Node));
    }

    // DEL comes as containerd sends it, without what was published, with another configuration, and again.
    [Theory]
    [InlineData("prevResult and ports")]
    [InlineData("ports")]
    [InlineData("prevResult")]
    [InlineData("nothing")]
    [InlineData("other ports")]
    [InlineData("a condition")]
    [InlineData("a broken configuration")]
    [InlineData("a broken prevResult")]
    public void DEL_removes_its_own_whatever_it_is_told(string told)
    {
        Succeed("ADD", Mapped($"{Web}, {Dns}"));
        Succeed("ADD", Mapped("""{"hostPort": 8081, "containerPort": 80}""", addresses: "\"10.1.2.6/24\""), containerId: "c2");
        string[] bystander = [.. Elements().Where(static line => line.Contains(" c2 ", StringComparison.Ordinal))];
        string members = told switch
        {
            "prevResult and ports" => Mapped($"{Web}, {Dns}"),
            "ports" => $$""" "runtimeConfig": {"portMappings": [{{Web}}, {{Dns}}]} """,
            "prevResult" => Prev(),
            "nothing" => "",
            "other ports" => Mapped("""{"hostPort": 8081, "containerPort": 80}"""),
            "a condition" => Mapped($"{Web}, {Dns}", "\"conditionsV4\": [\"ip saddr 10.0.0.0/8\"]"),
            "a broken configuration" => Mapped("""{"hostPort": 0}""", "\"backend\": \"x\""),
            _ => $$""" "runtimeConfig": {"portMappings": [{{Web}}, {{Dns}}]}, "prevResult": {"cniVersion": "1.1.0", "ips": 1} """,
        };
        for (int round = 0; round < 2; round++)
        {
            Succeed("DEL", members);
            Assert.Single(Elements(), line => line.Contains("8081", StringComparison.Ordinal));
            Assert.DoesNotContain(Elements(), static line => line.Contains(" c1 ", StringComparison.Ordinal));
        }
        Assert.NotEmpty(bystander);
        Succeed("CHECK", Mapped("""{"hostPort": 8081, "containerPort": 80}""", addresses: "\"10.1.2.6/24\""), containerId: "c2");
    }

    [Theory]
    [InlineData("delete element inet cniplugin ports4 { tcp . 8080 }", "ports4 has no element tcp port 8080")]
    [InlineData("delete element inet cniplugin ports6 { tcp . 8080 }", "ports6 has no element tcp port 8080")]
    [InlineData(
        "delete element inet cniplugin host_ports4 { 192.0.2.1 . udp . 53 }", "host_ports4 has no element udp port 53 of 192.0.2.1")]
    [InlineData("delete element inet cniplugin published4 { 10.1.2.5 }", "published4 has no element 10.1.2.5")]
    [InlineData("flush chain inet cniplugin ports", "chain inet cniplugin ports is missing")]
    [InlineData("flush chain inet cniplugin ports_output", "chain inet cniplugin ports_output is missing")]
    [InlineData("insert rule inet cniplugin ports_prerouting accept", "chain inet cniplugin ports_prerouting is missing or was changed")]
    [InlineData("flush chain inet cniplugin hairpin_10.1.2.0_24", "hairpin_10.1.2.0_24 is missing")]
    [InlineData("flush ruleset", "chain inet cniplugin")]
    public void CHECK_names_what_is_missing_and_the_next_ADD_restores_it(string damage, string words)
    {
        Succeed("ADD", Mapped($"{Web}, {Dns}"));
        Succeed("CHECK", Mapped($"{Web}, {Dns}"));
        string[] whole = NftProgram.Lines(NftProgram.List(Node));
        NftProgram.Load(Node, damage);
        Fail("CHECK", Mapped($"{Web}, {Dns}"), CniErrorCode.CheckFailed, [words]);
        Succeed("ADD", Mapped($"{Web}, {Dns}"));
        Succeed("CHECK", Mapped($"{Web}, {Dns}"));
        Assert.Equal(whole.Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void CHECK_names_an_element_that_leads_elsewhere()
    {
        Succeed("ADD", Mapped(Web));
        NftProgram.Load(Node, $$"""
            delete element inet cniplugin ports4 { tcp . 8080 }
            add element inet cniplugin ports4 { tcp . 8080 comment "{{Tag.Comment()}}" : 10.1.2.5 . 81 }
            """);
        Fail("CHECK", Mapped(Web), CniErrorCode.CheckFailed, ["ports4", "tcp port 8080"]);
    }

    [Fact]
    public void Conditions_are_rules_and_maps_of_their_own()
    {
        string keys = "\"conditionsV4\": [\"ip saddr { 10.0.0.0/8, 192.168.0.0/16 }\"], \"conditionsV6\": [\"iifname\", \"\\\"eth*\\\"\"]";
        Succeed("ADD", Mapped($"{Web}, {Dns}", keys));
        Succeed("ADD", Mapped(Web, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        string id4 = PortConditionParser.Parse("conditionsV4", ["ip saddr { 10.0.0.0/8, 192.168.0.0/16 }"], IpFamily.IPv4)!.Id;
        string id6 = PortConditionParser.Parse("conditionsV6", ["iifname \"eth*\""], IpFamily.IPv6)!.Id;
        string listing = NftProgram.Run(Node, "", "list", "chain", "inet", "cniplugin", "port_conditions");
        Assert.Equal(
            [
                "table inet cniplugin {",
                "chain port_conditions {",
                $"ip saddr 10.0.0.0/8 dnat ip to ip daddr . meta l4proto . th dport map @host_ports4_{id4}",
                $"ip saddr 10.0.0.0/8 dnat ip to meta l4proto . th dport map @ports4_{id4}",
                $"ip saddr 192.168.0.0/16 dnat ip to ip daddr . meta l4proto . th dport map @host_ports4_{id4}",
                $"ip saddr 192.168.0.0/16 dnat ip to meta l4proto . th dport map @ports4_{id4}",
                $"iifname \"eth*\" dnat ip6 to ip6 daddr . meta l4proto . th dport map @host_ports6_{id6}",
                $"iifname \"eth*\" dnat ip6 to meta l4proto . th dport map @ports6_{id6}",
                "}",
                "}",
            ],
            NftProgram.Lines(listing));
        Succeed("CHECK", Mapped($"{Web}, {Dns}", keys));
        string[] skeleton = Skeleton();
        Succeed("ADD", Mapped("""{"hostPort": 8090, "containerPort": 80}""", keys, "\"10.1.2.9/24\", \"fd00:1::9/64\""), containerId: "c9");
        Assert.Equal(skeleton.Length, Skeleton().Length);
        NftProgram.Load(Node, "flush chain inet cniplugin port_conditions");
        Fail("CHECK", Mapped($"{Web}, {Dns}", keys), CniErrorCode.CheckFailed, ["port_conditions"]);
        Succeed("CHECK", Mapped(Web, addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""), containerId: "c2");
        Succeed("ADD", Mapped($"{Web}, {Dns}", keys));
        Succeed("CHECK", Mapped($"{Web}, {Dns}", keys));
        Succeed("DEL", Mapped($"{Web}, {Dns}", keys));
        Assert.DoesNotContain(Elements(), static line => line.Contains(" c1 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Conditions_in_the_syntax_of_iptables_are_listed_by_nft_as_matches()
    {
        string keys =
            "\"conditionsV4\": [\"!\", \"-d\", \"192.0.2.0/24,192.0.2.9\", \"-p\", \"tcp\", \"--dport\", \"80:90\"], \"conditionsV6\": "
            + "[\"-i eth+ -m mark ! --mark 0x10/0xf0\"]";
        Succeed("ADD", Mapped(Web, keys));
        Succeed("CHECK", Mapped(Web, keys));
        string[] lines = NftProgram.Lines(NftProgram.Run(Node, "", "list", "chain", "inet", "cniplugin", "port_conditions"));
        Assert.Equal(4 + 4, lines.Length);
        Assert.StartsWith(
            "ip daddr != 192.0.2.0/24 ip daddr != 192.0.2.9 tcp dport 80-90 dnat ip to ip daddr", lines[2], StringComparison.Ordinal);
        Assert.StartsWith(
            "iifname \"eth*\" meta mark & 0x000000f0 != 0x00000010 dnat ip6 to meta l4proto", lines[5], StringComparison.Ordinal);
        Succeed("DEL", Mapped(Web, keys));
        Fail(
            "ADD",
            Mapped(Web, "\"conditionsV4\": [\"-m\", \"set\", \"--match-set\", \"known\", \"src\"]"),
            CniErrorCode.UnsupportedField,
            ["conditionsV4", "set"]);
    }

    [Fact]
    public void Chain_that_would_set_a_mark_is_not_needed_and_that_is_said_once()
    {
        string keys = "\"externalSetMarkChain\": \"KUBE-MARK-MASQ\"";
        Assert.Single(Run("ADD", Mapped(Web, keys)).Errors, static error => error.Contains("KUBE-MARK-MASQ", StringComparison.Ordinal));
        foreach (string verb in (string[])["CHECK", "DEL"])
            Assert.Empty(Run(verb, Mapped(Web, keys)).Errors);
        Succeed("ADD", $"{keys}, {Prev()}");
    }

    [Fact]
    public void Rules_of_a_former_version_are_changed_in_their_place()
    {
        Succeed("ADD", Mapped(Web));
        string[] whole = NftProgram.Lines(NftProgram.List(Node));
        NftProgram.Load(Node, """
            delete chain inet cniplugin ports_prerouting
            delete chain inet cniplugin ports_output
            table inet cniplugin {
                chain ports_prerouting {
                    type nat hook prerouting priority dstnat;
                    iifname != "lo" ip daddr 127.0.0.0/8 drop
                    fib daddr type local jump ports
                }
                chain ports_output {
                    type nat hook output priority -100;
                    ip6 daddr ::1 return
                    fib daddr type local jump ports
                }
            }
            flush chain inet cniplugin ports
            delete set inet cniplugin service_addresses4
            delete set inet cniplugin service_addresses6
            table inet cniplugin {
                chain ports {
                    jump port_conditions
                    dnat ip to ip daddr . meta l4proto . th dport map @host_ports4
                    dnat ip to meta l4proto . th dport map @ports4
                    dnat ip6 to ip6 daddr . meta l4proto . th dport map @host_ports6
                    dnat ip6 to meta l4proto . th dport map @ports6
                }
            }
            """);
        Succeed(
            "ADD",
            Mapped("""{"hostPort": 8081, "containerPort": 80}""", addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""),
            containerId: "c2");
        Succeed("CHECK", Mapped(Web));
        Succeed(
            "DEL",
            Mapped("""{"hostPort": 8081, "containerPort": 80}""", addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""),
            containerId: "c2");
        Assert.Equal(whole.Order(StringComparer.Ordinal), NftProgram.Lines(NftProgram.List(Node)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Addresses_of_services_are_kept_up_to_date_by_ADD_and_GC()
    {
        string[] Services(IpFamily family) =>
        [
            .. Nft.ListElements(ServiceAddresses.Set(family))
                .Select(static element => element.Key.ToString())
                .Order(StringComparer.Ordinal),
        ];
        MakeBridge("kube-ipvs0");
        NodeProgram.Run(
            Node,
            "ip addr add 10.96.0.1/32 dev kube-ipvs0; ip addr add 10.96.0.10/32 dev kube-ipvs0; ip addr add fd96::1/128 dev kube-ipvs0 "
            + "nodad");
        Succeed("ADD", Mapped(Web));
        Assert.Equal(["0a600001", "0a60000a"], Services(IpFamily.IPv4));
        Assert.Contains("fd960000000000000000000000000001", Services(IpFamily.IPv6));
        NodeProgram.Run(Node, "ip addr del 10.96.0.10/32 dev kube-ipvs0; ip addr add 10.96.0.11/32 dev kube-ipvs0");
        Succeed(
            "ADD",
            Mapped("""{"hostPort": 8081, "containerPort": 80}""", addresses: "\"10.1.2.6/24\", \"fd00:1::6/64\""),
            containerId: "c2");
        Assert.Equal(["0a600001", "0a60000b"], Services(IpFamily.IPv4));
        NodeProgram.Run(Node, "ip link del kube-ipvs0");
        Succeed("GC", "");
        Assert.Empty(Services(IpFamily.IPv4));
        Assert.Empty(Services(IpFamily.IPv6));
    }

    [Fact]
    public void GC_of_a_node_without_ports_makes_nothing_of_services()
    {
        MakeBridge("kube-ipvs0");
        NodeProgram.Run(Node, "ip addr add 10.96.0.1/32 dev kube-ipvs0");
        Succeed("GC", "");
        Assert.Empty(NftProgram.List(Node));
    }

    [Fact]
    public void Pod_without_any_address_is_refused() => Fail(
        "ADD",
        $$""" "runtimeConfig": {"portMappings": [{{Web}}]}, "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "eth0","""
        + $$""" "sandbox": "/run/netns/pod"}]} """,
        CniErrorCode.InvalidNetworkConfig,
        ["no address", "ipam"]);

    [Fact]
    public void HostIP_of_a_family_that_the_pod_lacks_is_a_warning()
    {
        FakeHost host = Run(
            "ADD", Mapped($$"""{{Web}}, {"hostPort": 81, "containerPort": 80, "hostIP": "::"}""", addresses: "\"10.1.2.5/24\""));
        Assert.Contains(host.Errors, static error => error.Contains("tcp port 81 is not published", StringComparison.Ordinal));
        Assert.Equal(2, Elements().Length);
        Succeed("DEL", Mapped($$"""{{Web}}, {"hostPort": 81, "containerPort": 80, "hostIP": "::"}""", addresses: "\"10.1.2.5/24\""));
        Assert.Empty(Elements());
    }
}
