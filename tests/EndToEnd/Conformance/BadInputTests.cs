using EndToEnd.Sandbox;

namespace EndToEnd.Conformance;

/// <summary>Values that cannot be meant: each gives its code, a message with key and value, and changes nothing.</summary>
public sealed class BadInputTests(ConformanceNode node) : IClassFixture<ConformanceNode>
{
    public static TheoryData<string, int, string> BridgeKeys => new()
    {
        { """ "bridge": "sixteen-bytes-ab" """, 7, "bridge|sixteen-bytes-ab" },
        { """ "bridge": "a/b" """, 7, "bridge|a/b" },
        { """ "bridge": "a b" """, 7, "bridge|a b" },
        { """ "bridge": ".." """, 7, "bridge|.." },
        { """ "bridge": 1 """, 6, "bridge" },
        { """ "bridge": "lo" """, 7, "bridge|lo" },
        { """ "isGateway": "true" """, 6, "isGateway" },
        { """ "ipMasq": 1 """, 6, "ipMasq" },
        { """ "ipMasqBackend": "ipvs" """, 7, "ipMasqBackend|ipvs|nftables|iptables" },
        { """ "mtu": -1 """, 7, "mtu|-1" },
        { """ "mtu": 67 """, 7, "mtu|67" },
        { """ "mtu": 65536 """, 7, "mtu|65536" },
        { """ "mtu": 1500.5 """, 6, "mtu" },
        { """ "mtu": "1500" """, 6, "mtu" },
        { """ "mtu": 99999999999 """, 6, "mtu" },
        { """ "hairpinMode": true, "promiscMode": true """, 7, "hairpinMode|promiscMode" },
        { """ "vlan": -100 """, 7, "vlan|-100" },
        { """ "vlan": 4095 """, 7, "vlan|4095" },
        { """ "vlan": 5000 """, 7, "vlan|5000" },
        { """ "vlanTrunk": [{ "minID": 5 }] """, 7, "vlanTrunk[0]|maxID" },
        { """ "vlanTrunk": [{ "maxID": 5 }] """, 7, "vlanTrunk[0]|minID" },
        { """ "vlanTrunk": [{ "minID": 0, "maxID": 5 }] """, 7, "vlanTrunk[0].minID|0" },
        { """ "vlanTrunk": [{ "minID": 4095, "maxID": 4096 }] """, 7, "vlanTrunk[0]|409" },
        { """ "vlanTrunk": [{ "minID": 5, "maxID": 4095 }] """, 7, "vlanTrunk[0].maxID|4095" },
        { """ "vlanTrunk": [{ "minID": 5, "maxID": 0 }] """, 7, "vlanTrunk[0].maxID|0" },
        { """ "vlanTrunk": [{ "id": 1 }, { "id": 4095 }] """, 7, "vlanTrunk[1].id|4095" },
        { """ "vlanTrunk": [{ "id": 0 }] """, 7, "vlanTrunk[0].id|0" },
        { """ "vlanTrunk": [{ "minID": 20, "maxID": 10 }] """, 7, "vlanTrunk[0]|20|10" },
        { """ "vlanTrunk": { "id": 5 } """, 6, "vlanTrunk" },
        { """ "bridge": "bridge-name-14b", "vlan": 100, "isGateway": true """, 7, "bridge-name-14b|100" },
        { """ "disableContainerInterface": true """, 7, "disableContainerInterface|ipam" },
        { """ "args": { "cni": { "mac": "nonsense" } } """, 7, "args.cni.mac|nonsense" },
        { """ "runtimeConfig": { "mac": "02:00:00:00:00:0g" } """, 7, "runtimeConfig.mac|02:00:00:00:00:0g" },
        { """ "runtimeConfig": { "mac": "01:00:5e:00:00:01" } """, 7, "runtimeConfig.mac|01:00:5e:00:00:01" },
        { """ "runtimeConfig": { "mac": "00:00:00:00:00:00" } """, 7, "runtimeConfig.mac|00:00:00:00:00:00" },
        { """ "dns": { "nameservers": "192.0.2.53" } """, 6, "dns" },
        { """ "ipam": [] """, 6, "ipam" },
        { """ "ipam": { "type": 1 } """, 6, "type" },
        { """ "runtimeConfig": [] """, 6, "runtimeConfig" },
    };

    public static TheoryData<string, int, string> IpamKeys => new()
    {
        { "", 7, "range" },
        { """ "ranges": [] """, 7, "range" },
        { """ "ranges": [[]] """, 7, "range" },
        { """ "ranges": [[{ "rangeStart": "10.0.0.5" }]] """, 7, "ipam.ranges[0][0].subnet" },
        { """ "ranges": {} """, 6, "ranges" },
        { """ "subnet": "10.0.0.0" """, 7, "ipam.subnet|10.0.0.0" },
        { """ "subnet": "10.0.0.0/33" """, 7, "ipam.subnet|10.0.0.0/33" },
        { """ "subnet": "010.0.0.0/24" """, 7, "ipam.subnet|010.0.0.0/24" },
        { """ "subnet": "fe80::1%eth0/64" """, 7, "ipam.subnet|fe80::1%eth0/64" },
        { """ "subnet": 10 """, 6, "subnet" },
        { """ "subnet": "10.0.0.5/24" """, 7, "10.0.0.5/24" },
        { """ "subnet": "fd00::5/64" """, 7, "fd00::5/64" },
        { """ "subnet": "10.0.0.0/24", "exclude": ["10.0.1.0/26"] """, 7, "ipam.exclude[0]|10.0.1.0/26" },
        { """ "subnet": "10.0.0.0/24", "exclude": ["10.0.0.5", "x"] """, 7, "ipam.exclude[1]|x" },
        { """ "subnet": "10.0.0.0/24", "exclude": "10.0.0.5" """, 6, "exclude" },
        { """ "subnet": "10.0.0.0/24", "rangeStart": "10.0.0.0", "rangeEnd": "10.0.0.0" """, 7, "rangeStart|10.0.0.0/24" },
        { """ "subnet": "10.0.0.0/24", "rangeStart": "10.0.1.5" """, 7, "rangeStart|10.0.1.5" },
        { """ "subnet": "10.0.0.0/24", "rangeStart": "x" """, 7, "ipam.rangeStart|x" },
        { """ "subnet": "10.0.0.0/24", "rangeEnd": "10.0.1.5" """, 7, "rangeEnd|10.0.1.5" },
        { """ "subnet": "10.0.0.0/24", "rangeStart": "10.0.0.9", "rangeEnd": "10.0.0.5" """, 7, "rangeStart|10.0.0.9|10.0.0.5" },
        { """ "subnet": "10.0.0.0/24", "gateway": "x" """, 7, "ipam.gateway|x" },
        { """ "subnet": "10.0.0.0/24", "gateway": "fd00::1" """, 7, "gateway|fd00::1" },
        { """ "ranges": [[{ "subnet": "10.0.0.0/24" }, { "subnet": "fd00::/64" }]] """, 7, "families" },
        { """ "ranges": [[{ "subnet": "10.0.0.0/24" }, { "subnet": "10.0.0.128/25" }]] """, 7, "overlap|10.0.0.1" },
        { """ "ranges": [[{ "subnet": "10.0.0.0/24" }], [{ "subnet": "10.0.0.0/25" }]] """, 7, "10.0.0.1" },
        { """ "subnet": "10.0.0.0/24", "routes": [{ "gw": "10.0.0.1" }] """, 7, "dst" },
        { """ "subnet": "10.0.0.0/24", "routes": [{ "dst": "10.0.0.300/24" }] """, 7, "dst|10.0.0.300/24" },
        { """ "subnet": "10.0.0.0/24", "routes": [{ "dst": "0.0.0.0/0", "gw": "x" }] """, 7, "gw|x" },
        { """ "subnet": "10.0.0.0/24", "routes": [{ "dst": "0.0.0.0/0", "mtu": -1 }] """, 6, "mtu" },
        { """ "subnet": "10.0.0.0/24", "resolvConf": "/nonexistent/resolv.conf" """, 7, "resolvConf|/nonexistent/resolv.conf" },
        { """ "subnet": "10.0.0.0/24", "dataDir": 5 """, 6, "dataDir" },
    };

    public static TheoryData<string, int, string> Requests => new()
    {
        { """ "args": { "cni": { "ips": ["10.0.0.300"] } } """, 7, "args.cni.ips|10.0.0.300" },
        { """ "args": { "cni": { "ips": "10.0.0.3" } } """, 6, "ips" },
        { """ "runtimeConfig": { "ips": ["x/24"] } """, 7, "runtimeConfig.ips|x/24" },
        { """ "runtimeConfig": { "ips": ["192.0.2.9"] } """, 7, "192.0.2.9" },
        { """ "runtimeConfig": { "ips": ["10.0.0.1"] } """, 7, "10.0.0.1|gateway" },
        { """ "runtimeConfig": { "ips": ["10.0.0.255"] } """, 7, "10.0.0.255" },
        { """ "runtimeConfig": { "ips": ["10.0.0.5", "10.0.0.6"] } """, 7, "10.0.0.5|10.0.0.6" },
        { """ "runtimeConfig": { "ipRanges": [[{ "subnet": "192.0.2.5/24" }]] } """, 7, "192.0.2.5/24" },
        { """ "runtimeConfig": { "ipRanges": [[{ "subnet": "x" }]] } """, 7, "runtimeConfig.ipRanges[0][0].subnet|x" },
        { """ "runtimeConfig": { "ipRanges": [[{ "subnet": "10.0.0.0/25" }]] } """, 7, "10.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(BridgeKeys))]
    public void A_bad_value_of_bridge_is_named(string keys, int code, string words)
    {
        TestNetwork network = node.NewNetwork();
        string config = $$"""{ "cniVersion": "1.1.0", "name": "{{network.Name}}", "ipam": {{network.Ipam()}}, {{keys}} }""";

        // Addresses are given while the link is made, so a store may be opened in vain.
        node.MakeStore(network.HostLocal());
        AssertRefused("bridge", config, code, words);
    }

    [Theory]
    [MemberData(nameof(IpamKeys))]
    public void A_bad_value_of_host_local_is_named(string keys, int code, string words)
    {
        string members = keys.Length == 0 ? "" : $", {keys}";
        string config =
            $$"""{ "cniVersion": "1.1.0", "name": "{{node.NewNetwork().Name}}", "ipam": { "type": "host-local"{{members}} } }""";

        AssertRefused("host-local", config, code, words);
        AssertRefused("bridge", config, code, words);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_bad_request_is_named(string keys, int code, string words)
    {
        string name = node.NewNetwork().Name;
        string config =
            $$"""{ "cniVersion": "1.1.0", "name": "{{name}}", "ipam": { "type": "host-local", "subnet": "10.0.0.0/24" }, {{keys}} }""";

        // The request may be looked at behind the opening of the store.
        node.MakeStore($$"""{ "cniVersion": "1.1.0", "name": "{{name}}", "ipam": { "type": "host-local", "subnet": "10.0.0.0/24" } }""");
        AssertRefused("host-local", config, code, words);
        AssertRefused("bridge", config, code, words);
    }

    private void AssertRefused(string type, string config, int code, string words)
    {
        Pod pod = node.NewPod();
        HostSnapshot before = HostSnapshot.Of(node.Sandbox);

        string message = node.Plugin.Add(type, config, pod).ExpectError(code);

        Says.All(message, words.Split('|'));
        Assert.Null(node.FindLink("eth0", pod));
        HostSnapshot.Of(node.Sandbox).AssertSameAs(before);
    }
}
