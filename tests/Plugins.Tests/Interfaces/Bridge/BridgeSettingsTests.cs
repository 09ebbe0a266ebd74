using Cni;
using Plugins.Interfaces;
using Plugins.Interfaces.Bridge;
using Plugins.Masquerade;
using TestKit;

namespace Plugins.Tests.Interfaces.Bridge;

public sealed class BridgeSettingsTests
{
    private static BridgeSettings Read(string members, string args = "") => TestCall.Add(members, BridgeSettings.Read, args);

    [Fact]
    public void Defaults_are_those_of_the_reference()
    {
        BridgeSettings settings = Read("");
        Assert.Equal(
            new BridgeSettings
            {
                Bridge = "cni0",
                IsGateway = false,
                IsDefaultGateway = false,
                ForceAddress = false,
                Masquerade = null,
                Mtu = null,
                Hairpin = false,
                Promiscuous = false,
                Vlan = 0,
                Trunk = settings.Trunk,
                HasTrunk = false,
                PreserveDefaultVlan = false,
                Isolated = false,
                MacSpoofCheck = false,
                Mac = null,
                Pod = new InterfaceSettings { IpamType = null, Dns = null, DuplicateAddressDetection = false, StaysDown = false },
            },
            settings);
        Assert.Empty(settings.Trunk);
        Assert.False(settings.NeedsVlanFiltering);
        Assert.Equal("cni0", settings.GatewayInterfaceName);
    }

    [Fact]
    public void Every_key_is_read()
    {
        BridgeSettings settings = Read("""
            "bridge": "br1", "isGateway": true, "forceAddress": true, "ipMasq": true, "ipMasqBackend": "nftables", "mtu": 1400,
            "hairpinMode": true, "vlan": 100, "vlanTrunk": [{"minID": 200, "maxID": 210}, {"id": 300}], "preserveDefaultVlan": true,
            "enabledad": true, "portIsolation": true, "macspoofchk": true, "dns": {"domain": "d", "nameservers": ["192.0.2.1"]},
            "ipam": {"type": "host-local"}, "runtimeConfig": {"mac": "02:00:00:00:00:01"}
            """);
        Assert.Equal("br1", settings.Bridge);
        Assert.True(settings.IsGateway);
        Assert.False(settings.IsDefaultGateway);
        Assert.True(settings.ForceAddress);
        Assert.Equal(new MasqueradeSettings(null, null, IsFullyRandom: false), settings.Masquerade);
        Assert.Equal(1400, settings.Mtu);
        Assert.True(settings.Hairpin);
        Assert.False(settings.Promiscuous);
        Assert.Equal(100, settings.Vlan);
        Assert.Equal([new VlanRange(200, 210), new VlanRange(300, 300)], settings.Trunk);
        Assert.True(settings.HasTrunk);
        Assert.True(settings.PreserveDefaultVlan);
        Assert.True(settings.Pod.DuplicateAddressDetection);
        Assert.True(settings.Isolated);
        Assert.True(settings.MacSpoofCheck);
        Assert.Equal("d", settings.Pod.Dns!.Domain);
        Assert.Equal(["192.0.2.1"], settings.Pod.Dns.Nameservers);
        Assert.Equal("host-local", settings.Pod.IpamType);
        Assert.Equal(TestCall.Mac("02:00:00:00:00:01"), settings.Mac);
        Assert.Equal("br1.100", settings.GatewayInterfaceName);
    }

    [Fact]
    public void Keys_that_exclude_others_are_read()
    {
        BridgeSettings settings = Read("""
            "promiscMode": true, "disableContainerInterface": true
            """);
        Assert.True(settings.Promiscuous);
        Assert.True(settings.Pod.StaysDown);
    }

    [Fact]
    public void Null_is_absent()
    {
        BridgeSettings settings = Read("""
            "bridge": null, "isGateway": null, "isDefaultGateway": null, "forceAddress": null, "ipMasq": null, "ipMasqBackend": null,
            "mtu": null, "hairpinMode": null, "promiscMode": null, "vlan": null, "vlanTrunk": null, "preserveDefaultVlan": null,
            "macspoofchk": null, "enabledad": null, "disableContainerInterface": null, "portIsolation": null, "dns": null, "ipam": null,
            "args": {"cni": {"mac": null}}, "runtimeConfig": {"mac": null}
            """);
        BridgeSettings defaults = Read("");
        Assert.Equal(defaults with { Trunk = settings.Trunk }, settings);
        Assert.Empty(settings.Trunk);
    }

    [Fact]
    public void Keys_match_in_any_case()
    {
        BridgeSettings settings = Read("""
            "BRIDGE": "br1", "IsGateway": true, "ipmasq": true, "VLANTRUNK": [{"MINID": 2, "maxid": 3, "ID": 9}],
            "RuntimeConfig": {"MAC": "02:00:00:00:00:01"}, "IPAM": {"TYPE": "x"}
            """);
        Assert.Equal("br1", settings.Bridge);
        Assert.True(settings.IsGateway);
        Assert.Equal(new MasqueradeSettings(null, null, IsFullyRandom: false), settings.Masquerade);
        Assert.Equal([new VlanRange(2, 3), new VlanRange(9, 9)], settings.Trunk);
        Assert.Equal(TestCall.Mac("02:00:00:00:00:01"), settings.Mac);
        Assert.Equal("x", settings.Pod.IpamType);
    }

    [Fact]
    public void IsDefaultGateway_implies_isGateway() => Assert.True(Read("\"isDefaultGateway\": true").IsGateway);

    [Fact]
    public void Empty_trunk_asks_for_a_bridge_that_knows_vlans() => Assert.True(Read("\"vlanTrunk\": []").NeedsVlanFiltering);

    [Theory]
    [InlineData("")]
    [InlineData("iptables")]
    [InlineData("nftables")]
    public void Both_masquerade_backends_are_accepted(string backend) =>
        Assert.NotNull(Read($"\"ipMasq\": true, \"ipMasqBackend\": \"{backend}\"").Masquerade);

    [Theory]
    [InlineData(0, null)]
    [InlineData(68, 68)]
    [InlineData(65535, 65535)]
    public void Mtu_is_taken_within_the_kernels_limits(int given, int? mtu) => Assert.Equal(mtu, Read($"\"mtu\": {given}").Mtu);

    [Theory]
    [InlineData("abcdefghijk", 100)]
    [InlineData("abcdefghij", 4094)]
    public void Name_of_the_vlan_gateway_may_fill_all_bytes(string bridge, int vlan) =>
        Assert.Equal($"{bridge}.{vlan}", Read($"\"bridge\": \"{bridge}\", \"vlan\": {vlan}, \"isGateway\": true").GatewayInterfaceName);

    [Fact]
    public void Long_bridge_name_does_no_harm_where_the_vlan_has_no_gateway() =>
        Assert.Equal(100, Read("\"bridge\": \"abcdefghijklmno\", \"vlan\": 100").Vlan);

    [Theory]
    [InlineData("\"hairpinMode\": true, \"promiscMode\": true", "hairpinMode", "promiscMode")]
    [InlineData("\"disableContainerInterface\": true, \"ipam\": {\"type\": \"x\"}", "disableContainerInterface", "ipam.type is \"x\"")]
    [InlineData("\"ipMasqBackend\": \"ipfw\"", "ipMasqBackend is \"ipfw\"", "nftables")]
    [InlineData("\"ipMasq\": true, \"ipMasqSource\": \"192.0.2\"", "ipMasqSource", "address")]
    [InlineData("\"ipMasq\": true, \"ipMasqSource\": [\"192.0.2.1\", \"\"]", "ipMasqSource", "address")]
    [InlineData(
        "\"ipMasq\": true, \"ipMasqSource\": [\"192.0.2.1\", \"192.0.2.2\"]",
        "ipMasqSource has 192.0.2.1 and 192.0.2.2",
        "one address of each family")]
    [InlineData("\"ipMasq\": true, \"ipMasqSource\": \"::\"", "ipMasqSource is ::", "remove it")]
    [InlineData("\"ipMasqSource\": \"192.0.2.1\"", "ipMasqSource", "ipMasq is false")]
    [InlineData("\"ipMasqFullyRandom\": true", "ipMasqFullyRandom", "ipMasq is false")]
    [InlineData("\"bridge\": \"a b\"", "bridge is \"a b\"", "white space")]
    [InlineData("\"bridge\": \"abcdefghijklmnop\"", "bridge is \"abcdefghijklmnop\"", "15 bytes")]
    [InlineData("\"bridge\": \"..\"", "bridge is \"..\"", "reserved")]
    [InlineData("\"mtu\": -1", "mtu is -1", "68 to 65535")]
    [InlineData("\"mtu\": 67", "mtu is 67", "68 to 65535")]
    [InlineData("\"mtu\": 65536", "mtu is 65536", "68 to 65535")]
    [InlineData("\"vlan\": -100", "vlan is -100", "4094")]
    [InlineData("\"vlan\": 4095", "vlan is 4095", "4094")]
    [InlineData("\"vlan\": 5000", "vlan is 5000", "4094")]
    [InlineData("\"bridge\": \"abcdefghijkl\", \"vlan\": 100, \"isGateway\": true", "abcdefghijkl.100", "15 bytes")]
    // 14 bytes in 7 characters.
    [InlineData("\"bridge\": \"ééééééé\", \"vlan\": 100, \"isGateway\": true", "ééééééé.100", "15 bytes")]
    [InlineData("\"vlanTrunk\": [{\"id\": 5}, {\"id\": 4095}]", "vlanTrunk[1].id is 4095", "4094")]
    public void Value_that_cannot_be_used_is_refused(string members, string what, string why) =>
        TestCall.AssertFails(CniErrorCode.InvalidNetworkConfig, [what, why], () => Read(members));

    [Theory]
    [InlineData("bridge", "5")]
    [InlineData("isGateway", "\"true\"")]
    [InlineData("isDefaultGateway", "1")]
    [InlineData("forceAddress", "[]")]
    [InlineData("ipMasq", "0")]
    [InlineData("ipMasqBackend", "true")]
    [InlineData("ipMasqFullyRandom", "1")]
    [InlineData("ipMasqSource", "true")]
    [InlineData("mtu", "\"1500\"")]
    [InlineData("mtu", "1.5")]
    [InlineData("mtu", "99999999999")]
    [InlineData("hairpinMode", "\"\"")]
    [InlineData("promiscMode", "{}")]
    [InlineData("vlan", "\"100\"")]
    [InlineData("vlanTrunk", "{}")]
    [InlineData("vlanTrunk[0]", "100", "\"vlanTrunk\": [100]")]
    [InlineData("vlanTrunk[0].minID", "\"1\"", "\"vlanTrunk\": [{\"minID\": \"1\"}]")]
    [InlineData("preserveDefaultVlan", "1")]
    [InlineData("macspoofchk", "\"yes\"")]
    [InlineData("enabledad", "1")]
    [InlineData("disableContainerInterface", "1")]
    [InlineData("portIsolation", "1")]
    [InlineData("args", "[]")]
    [InlineData("args.cni", "5", "\"args\": {\"cni\": 5}")]
    [InlineData("args.cni.mac", "5", "\"args\": {\"cni\": {\"mac\": 5}}")]
    [InlineData("runtimeConfig", "\"x\"")]
    [InlineData("runtimeConfig.mac", "5", "\"runtimeConfig\": {\"mac\": 5}")]
    public void Value_of_the_wrong_type_is_refused(string key, string value, string? members = null) =>
        TestCall.AssertFails(CniErrorCode.DecodingFailure, [$"{key} is ", "expected"], () => Read(members ?? $"\"{key}\": {value}"));

    [Fact]
    public void Unknown_keys_are_ignored() =>
        Assert.Equal(
            "br1",
            Read("\"future\": {\"a\": [1, {\"bridge\": 5}]}, \"bridge\": \"br1\", \"args\": {\"labels\": [], \"cni\": {\"x\": 1}}").Bridge);

    [Fact]
    public void Last_of_several_values_counts() => Assert.Equal("br2", Read("\"bridge\": \"br1\", \"Bridge\": \"br2\"").Bridge);

    [Fact]
    public void Dns_without_members_says_nothing() => Assert.Null(Read("\"dns\": {}").Pod.Dns);

    [Fact]
    public void Dns_of_empty_lists_says_that_there_is_none() => Assert.True(Read("\"dns\": {\"nameservers\": []}").Pod.Dns!.IsEmpty);
}
