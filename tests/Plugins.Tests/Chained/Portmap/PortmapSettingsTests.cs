using System.Net;
using Cni;
using Linux.Addresses;
using Plugins.Chained.Portmap;
using Plugins.Configuration;
using TestKit;

namespace Plugins.Tests.Chained.Portmap;

public sealed class PortmapSettingsTests
{
    private static PortmapSettings Read(string members) => TestCall.Add(members, PortmapSettings.Read);

    private static PortmapSettings ReadMappings(string mappings) => Read($$""" "runtimeConfig": {"portMappings": [{{mappings}}]} """);

    [Fact]
    public void Defaults_publish_nothing_and_masquerade_neighbours()
    {
        PortmapSettings settings = Read("");
        Assert.Empty(settings.Mappings);
        Assert.Equal(PortMasquerade.Neighbours, settings.Masquerade);
        Assert.Null(settings.Condition(IpFamily.IPv4));
        Assert.Null(settings.Condition(IpFamily.IPv6));
    }

    [Theory]
    [InlineData("\"snat\": true", (int)PortMasquerade.Neighbours)]
    [InlineData("\"snat\": true, \"masqAll\": true", (int)PortMasquerade.All)]
    [InlineData("\"masqAll\": true", (int)PortMasquerade.All)]
    [InlineData("\"snat\": false", (int)PortMasquerade.None)]
    [InlineData("\"snat\": false, \"masqAll\": true", (int)PortMasquerade.None)]
    public void Masquerade_is_what_snat_and_masqAll_say(string members, int expected) =>
        Assert.Equal((PortMasquerade)expected, Read(members).Masquerade);

    [Fact]
    public void Keys_are_read_in_any_case()
    {
        PortmapSettings settings = Read("""
            "MasqAll": true, "RuntimeConfig": {"PortMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "TCP",
            "HostIP": "192.0.2.1"}]}
            """);
        Assert.Equal(PortMasquerade.All, settings.Masquerade);
        Assert.Equal([new PortMapping(IPAddress.Parse("192.0.2.1"), PortProtocol.Tcp, 8080, 80)], settings.Mappings);
    }

    [Theory]
    [InlineData("""{"hostPort": 1, "containerPort": 65535}""", null, (int)PortProtocol.Tcp, true, true)]
    [InlineData("""{"hostPort": 1, "containerPort": 65535, "protocol": "udp", "hostIP": ""}""", null, (int)PortProtocol.Udp, true, true)]
    [InlineData(
        """{"hostPort": 1, "containerPort": 65535, "protocol": "sctp", "hostIP": null}""", null, (int)PortProtocol.Sctp, true, true)]
    [InlineData("""{"hostPort": 1, "containerPort": 65535, "hostIP": "0.0.0.0"}""", null, (int)PortProtocol.Tcp, true, false)]
    [InlineData("""{"hostPort": 1, "containerPort": 65535, "hostIP": "::"}""", null, (int)PortProtocol.Tcp, false, true)]
    [InlineData("""{"hostPort": 1, "containerPort": 65535, "hostIP": "192.0.2.1"}""", "192.0.2.1", (int)PortProtocol.Tcp, true, false)]
    [InlineData("""{"hostPort": 1, "containerPort": 65535, "hostIP": "2001:db8::1"}""", "2001:db8::1", (int)PortProtocol.Tcp, false, true)]
    public void HostIP_says_where_a_port_is_published(string mapping, string? only, int protocol, bool ipv4, bool ipv6)
    {
        PortMapping read = Assert.Single(ReadMappings(mapping).Mappings);
        Assert.Equal((only, (PortProtocol)protocol), (read.OnlyAddress?.ToString(), read.Protocol));
        Assert.Equal((ipv4, ipv6), (read.IsOf(IpFamily.IPv4), read.IsOf(IpFamily.IPv6)));
        Assert.Equal((1, 65535), (read.HostPort, read.ContainerPort));
    }

    [Theory]
    [InlineData("""{"hostPort": 0, "containerPort": 80}""", "portMappings[0].hostPort", "0")]
    [InlineData("""{"containerPort": 80}""", "portMappings[0].hostPort", "0")]
    [InlineData("""{"hostPort": -1, "containerPort": 80}""", "hostPort", "-1")]
    [InlineData("""{"hostPort": 65536, "containerPort": 80}""", "hostPort", "65536")]
    [InlineData("""{"hostPort": 80, "containerPort": 0}""", "containerPort", "0")]
    [InlineData(
        """{"hostPort": 80, "containerPort": 80}, {"hostPort": 81, "containerPort": 99999}""", "portMappings[1].containerPort", "99999")]
    [InlineData("""{"hostPort": 80, "containerPort": 80, "protocol": "icmp"}""", "protocol", "icmp")]
    [InlineData("""{"hostPort": 80, "containerPort": 80, "hostIP": "localhost"}""", "hostIP", "localhost")]
    [InlineData("""{"hostPort": 80, "containerPort": 80}, {"hostPort": 80, "containerPort": 81}""", "tcp port 80", "81")]
    [InlineData("""{"hostPort": 80, "containerPort": 80}, {"hostPort": 80, "containerPort": 81, "hostIP": "::"}""", "tcp port 80", "81")]
    [InlineData(
        """{"hostPort": 80, "containerPort": 80, "hostIP": "192.0.2.1"}, {"hostPort": 80, "containerPort": 81, "hostIP": "192.0.2.1"}""",
        "tcp port 80 of 192.0.2.1", "81")]
    public void Mapping_that_cannot_be_is_refused(string mappings, string key, string value) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [key, value], () => ReadMappings(mappings));

    [Theory]
    [InlineData("""{"hostPort": 80, "containerPort": 80}, {"hostPort": 80, "containerPort": 80, "hostIP": "0.0.0.0"}""")]
    [InlineData("""{"hostPort": 80, "containerPort": 80}, {"hostPort": 80, "containerPort": 81, "protocol": "udp"}""")]
    [InlineData("""{"hostPort": 80, "containerPort": 80, "hostIP": "0.0.0.0"}, {"hostPort": 80, "containerPort": 81, "hostIP": "::"}""")]
    [InlineData("""{"hostPort": 80, "containerPort": 80}, {"hostPort": 80, "containerPort": 81, "hostIP": "192.0.2.1"}""")]
    public void Mappings_that_do_not_contradict_are_fine(string mappings) => Assert.Equal(2, ReadMappings(mappings).Mappings.Count);

    [Theory]
    [InlineData("")]
    [InlineData("iptables")]
    [InlineData("nftables")]
    public void Backends_of_the_reference_are_all_served(string backend) => _ = Read($"\"backend\": \"{backend}\"");

    [Fact]
    public void Other_backend_is_refused() =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["backend", "ipvs", "nftables"], () => Read("\"backend\": \"ipvs\""));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void Mark_bit_is_accepted(int bit) => _ = Read($"\"markMasqBit\": {bit}");

    [Theory]
    [InlineData(-1)]
    [InlineData(32)]
    public void Mark_bit_that_cannot_be_is_refused(int bit) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, ["markMasqBit", $"{bit}"], () => Read($"\"markMasqBit\": {bit}"));

    [Fact]
    public void Chain_of_iptables_is_accepted() =>
        Assert.Equal("KUBE-MARK-MASQ", Read("\"externalSetMarkChain\": \"KUBE-MARK-MASQ\"").ExternalSetMarkChain);

    [Fact]
    public void Conditions_are_of_their_family()
    {
        PortmapSettings settings = Read(
            "\"conditionsV4\": [\"ip\", \"saddr\", \"10.0.0.0/8\"], \"conditionsV6\": [\"ip6 saddr fd00::/8\"]");
        Assert.Equal("ip saddr 10.0.0.0/8", settings.Condition(IpFamily.IPv4)!.Text);
        Assert.Equal("ip6 saddr fd00::/8", settings.Condition(IpFamily.IPv6)!.Text);
        settings = Read("\"conditionsV4\": [\"!\", \"-d\", \"192.0.2.0/24\"], \"conditionsV6\": [\"-i\", \"eth0\"]");
        Assert.Equal("! -d 192.0.2.0/24", settings.Condition(IpFamily.IPv4)!.Text);
        Assert.Equal("-i eth0", settings.Condition(IpFamily.IPv6)!.Text);
    }
}
