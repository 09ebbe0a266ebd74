namespace EndToEnd.Reliability;

/// <summary>A plugin with a configuration that it takes, to begin mutations with.</summary>
/// <param name="Type">The plugin.</param>
/// <param name="Config">All of standard input.</param>
public sealed record FuzzSubject(string Type, string Config)
{
    private const string HostLocal = """
        "ipam": { "type": "host-local", "dataDir": "/run/cni/fuzz",
          "ranges": [[{ "subnet": "10.44.0.0/24", "rangeStart": "10.44.0.9", "rangeEnd": "10.44.0.200" }], [{ "subnet": "fd44::/64" }]],
          "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0", "mtu": 1400 }], "resolvConf": "/etc/resolv.conf" }
        """;

    private const string Static = """
        "ipam": { "type": "static", "addresses": [{ "address": "10.45.0.2/24", "gateway": "10.45.0.1" }, { "address": "fd45::2/64" }],
          "routes": [{ "dst": "10.9.0.0/16", "gw": "10.45.0.1" }], "dns": { "nameservers": ["10.45.0.1"], "search": ["example.org"] } }
        """;

    private const string Previous = """
        "prevResult": { "cniVersion": "1.1.0", "interfaces": [{ "name": "cni0", "mac": "02:00:00:00:00:01" },
          { "name": "vethfuzz", "mac": "02:00:00:00:00:02" }, { "name": "eth0", "mac": "02:00:00:00:00:03", "sandbox": "/run/netns/fuzz" }],
          "ips": [{ "address": "10.44.0.9/24", "gateway": "10.44.0.1", "interface": 2 }, { "address": "fd44::9/64", "interface": 2 }],
          "routes": [{ "dst": "0.0.0.0/0", "gw": "10.44.0.1" }], "dns": {} }
        """;

    private const string Dhcp = """
        "ipam": { "type": "dhcp", "daemonSocketPath": "/run/cni/dhcp.sock", "request": [{ "option": "routers" }],
          "provide": [{ "option": "host-name", "value": "a" }] }
        """;

    /// <summary>Every plugin of the binary.</summary>
    public static IReadOnlyList<FuzzSubject> All { get; } =
    [
        Of(
            "bridge",
            """
            "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true, "mtu": 1400, "macspoofchk": true,
            """,
            HostLocal),
        Of(
            "bridge",
            """
            "bridge": "cni0", "isGateway": true, "mac": "02:00:00:00:00:09", "vlan": 7, "runtimeConfig": { "ips": ["10.45.0.3/24"] },
            """,
            Static),
        Of("ptp", """ "ipMasq": true, "mtu": 1400, "dns": { "nameservers": ["10.1.1.1"] }, """, HostLocal),
        Of("macvlan", """ "master": "dev0", "mode": "bridge", "mtu": 1400, "mac": "02:00:00:00:00:08", """, HostLocal),
        Of("ipvlan", """ "master": "dev0", "mode": "l3", """, HostLocal),
        Of("vlan", """ "master": "dev0", "vlanId": 12, "mtu": 1400, """, HostLocal),
        Of("dummy", "", HostLocal),
        Of("tap", """ "owner": 0, "group": 0, "multiQueue": true, "selinuxContext": "", "mtu": 1400, """, Static),
        Of("host-device", """ "device": "dev1", """, Static),
        Of("loopback", "", Previous),
        Of("host-local", """ "args": { "cni": { "ips": ["10.44.0.77"] } }, """, HostLocal),
        Of("static", """ "args": { "cni": { "ips": ["10.45.0.77/24"] } }, """, Static),
        Of("dhcp", """ "isGateway": true, """, Dhcp),
        Of(
            "portmap",
            """
            "snat": true, "masqAll": true, "markMasqBit": 13, "conditionsV4": ["-d", "10.0.0.0/8"], "runtimeConfig": { "portMappings": [
            { "hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1" },
            { "hostPort": 5353, "containerPort": 53, "protocol": "udp" }] },
            """,
            Previous),
        Of(
            "firewall",
            """
            "backend": "iptables", "ingressPolicy": "same-bridge", "iptablesAdminChainName": "CNI-ADMIN", "firewalldZone": "trusted",
            """,
            Previous),
        Of(
            "bandwidth",
            """
            "ingressRate": 1000000, "ingressBurst": 800000, "egressRate": 2000000, "egressBurst": 1600000, "shapedSubnets": ["10.0.0.0/8"],
            """,
            Previous),
        Of(
            "tuning",
            """
            "sysctl": { "net.ipv4.conf.IFNAME.log_martians": "1" }, "mtu": 1400,
            "mac": "02:00:00:00:00:07", "promisc": true, "allmulti": true,
            """,
            Previous),
        Of(
            "endpoint",
            """
            "gate": true, "args": { "cni": { "labels": [{ "key": "app", "value": "web" }] } }, "runtimeConfig": {
            "aliases": { "fuzz": ["www"] }, "io.kubernetes.cri.pod-annotations": { "note": "x" } },
            """,
            Previous),
        Of("sbr", """ "table": 100, "addSourceHints": true, """, Previous),
        Of("vrf", """ "vrfname": "blue", "table": 101, """, Previous),
    ];

    private static FuzzSubject Of(string type, string keys, string last) => new(type, $$"""
        { "cniVersion": "1.1.0", "name": "fuzz", "type": "{{type}}", "capabilities": { "ips": true, "mac": true, "portMappings": true },
          "cni.dev/valid-attachments": [{ "containerID": "other", "ifname": "eth0" }], {{keys}} {{last}} }
        """);
}
