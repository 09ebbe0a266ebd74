using System.Globalization;
using System.Text;
using Cni;
using Netlink.Route.Links;
using TestKit;
using Tmds.Linux;

namespace Plugins.Tests;

/// <summary>
/// Every plugin and verb with configurations that were changed at random: whatever comes, it is served or refused with a code that says
/// whose fault it is. Code 100, a fault of ours, must never come. On a node and in a file system of the test's own.
/// </summary>
public sealed class MutatedInputKernelTests : NodeKernelTest
{
    /// <summary>For each plugin and verb; more by hand: 220 are 20,000 inputs.</summary>
    private static readonly int s_changes = int.Parse(
        Environment.GetEnvironmentVariable("CNIPLUGIN_MUTATIONS") ?? "20", CultureInfo.InvariantCulture);

    private const string Previous = """
        "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "br0"}, {"name": "host0"}, {"name": "eth0",
        "mac": "02:00:00:00:00:01", "sandbox": "/run/pod"}],
          "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 2}, {"address": "fd00::3/64", "interface": 2}],
          "routes": [{"dst": "0.0.0.0/0"}]}
        """;

    private const string HostLocal = """
        "ipam": {"type": "host-local", "dataDir": "/run/leases", "resolvConf": "/etc/hosts", "routes": [{"dst": "0.0.0.0/0",
        "gw": "10.1.2.1", "mtu": 1400}],
          "ranges": [[{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.10", "rangeEnd": "10.1.2.200", "gateway": "10.1.2.1"}],
          [{"subnet": "fd00::/64"}]]}
        """;

    private const string Static = """
        "ipam": {"type": "static", "addresses": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1"}], "routes": [{"dst": "10.9.0.0/16",
        "priority": 5}],
          "dns": {"nameservers": ["10.1.2.1"], "search": ["a.b"]}}
        """;

    private static readonly Dictionary<string, string> s_members = new()
    {
        ["bandwidth"] =
            """ "ingressRate": 1000000, "ingressBurst": 100000, "egressRate": 2000000, "egressBurst": 200000, "runtimeConfig":"""
            + """ {"bandwidth": {"ingressRate": 8000, "ingressBurst": 8000}}, """
                + Previous,
        ["bridge"] =
            """ "bridge": "br0", "isDefaultGateway": true, "ipMasq": true, "mtu": 1400, "hairpinMode": true, "vlan": 0, "vlanTrunk": [],"""
            + """ "mac": "02:00:00:00:00:07", "dns": {"domain": "x"}, "macspoofchk": true, """
                + HostLocal,
        ["dhcp"] =
            """ "ipam": {"type": "dhcp", "daemonSocketPath": "/run/dhcp.sock", "provide": [{"option": "12", "value": "a\u0000b"},"""
            + """ {"option": "host-name", "fromArg": "K"}], "request": [{"option": "routers"}], "priority": 5, "ipv6": true}""",
        ["dummy"] = Static,
        ["endpoint"] =
            """ "gate": true, "dataDir": "/run/endpoints", "args": {"cni": {"labels": [{"key": "app", "value": "web"}]}}, """
            + """ "runtimeConfig": {"aliases": {"pods": ["www"]}, "io.kubernetes.cri.pod-annotations": {"note": "x"}, "portMappings": """
            + """ [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}, """
                + Previous,
        ["firewall"] =
            """ "backend": "nftables", "ingressPolicy": "same-bridge", "markForwardBit": 12, "iptablesAdminChainName": "ADMIN", """
                + Previous,
        ["host-device"] =
            """ "device": "dev0", "hwaddr": "", "kernelpath": "", "pciBusID": "", "runtimeConfig": {"deviceID": ""}, """ + Static,
        ["host-local"] = HostLocal,
        ["ipvlan"] = """ "master": "up0", "mode": "l2", "mtu": 1400, """ + Static,
        ["loopback"] = """ "mtu": 1 """,
        ["macvlan"] =
            """ "master": "up0", "mode": "bridge", "mtu": 1400, "mac": "02:00:00:00:00:08", "bcqueuelen": 100, "linkInContainer": false, """
                + Static,
        ["portmap"] =
            """ "snat": true, "conditionsV4": ["ip saddr 10.0.0.0/8"], "conditionsV6": [], "markMasqBit": 13, "runtimeConfig":"""
            + """ {"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1"}, {"hostPort": 53,"""
            + """ "containerPort": 53, "protocol": "udp"}]}, """
                + Previous,
        ["ptp"] = """ "ipMasq": true, "mtu": 1400, "dns": {"options": ["ndots:5"]}, """ + HostLocal,
        ["sbr"] = """ "table": 200, "gateways": ["10.1.2.1"], "addSourceHints": true, """ + Previous,
        ["static"] = """ "runtimeConfig": {"ips": ["10.1.2.4/24"]}, "args": {"cni": {"ips": ["10.1.2.5/24"]}}, """ + Static,
        ["tap"] = """ "owner": 0, "group": 0, "multiQueue": true, "mtu": 1400, "mac": "02:00:00:00:00:09", "bridge": "", """ + Static,
        ["tuning"] =
            """ "sysctl": {"net.ipv4.conf.IFNAME.arp_filter": "1", "net/core/somaxconn": "128"}, "mac": "02:00:00:00:00:0a", "mtu": 1400,"""
            + """ "promisc": true, "allmulti": true, "txQLen": 100, "dataDir": "/run/tuning", """
                + Previous,
        ["vlan"] = """ "master": "up0", "vlanId": 5, "mtu": 1400, "linkInContainer": false, """ + Static,
        ["vrf"] = """ "vrfname": "blue", "table": 20, """ + Previous,
    };

    private static readonly string[] s_values =
    [
        "0",
        "-1",
        "1",
        "4294967295",
        "4294967296",
        "9223372036854775808",
        "1e999",
        "1.5",
        "true",
        "false",
        "null",
        "\"\"",
        "\" \"",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"é日本🦊\"",
        "\"..\"",
        "\"/\"",
        "\"/dev/zero\"",
        "\"/proc/self/mem\"",
        "\"fe80::1%eth0\"",
        "\"0.0.0.0/0\"",
        "\"::/0\"",
        "\"255.255.255.255/32\"",
        "\"10.1.2.3\"",
        "\"ff:ff:ff:ff:ff:ff\"",
        "\"%s%n\"",
        "\"eth0\"",
        "\"lo\"",
        "\"2147483648\"",
        "65535",
        "65536",
        "68",
        "1281",
        "\"00:00:00:00:00:00\"",
        "\"10.1.2.3/24\"",
        "\"10.1.2.0/31\"",
        "\"10.1.2.0/32\"",
        "\"fd00::7/64\"",
        "\"/run\"",
        "\"l3\"",
        "\"private\"",
        "\"isolated\"",
        "\"firewalld\"",
        "\"sctp\"",
        "\"host-local\"",
        "\"static\"",
        "\"dhcp\"",
        "\"0.4.0\"",
        "\"0.2.0\"",
        "[{\"subnet\": \"10.0.0.0/8\"}, {\"subnet\": \"10.0.0.0/8\"}]",
        $"\"{new string('x', 5000)}\"",
    ];

    public static TheoryData<string> Types => [.. PluginTable.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Changed_configuration_is_served_or_refused(string type)
    {
        NodeClient.CreateLink(new VethSpec { Name = "up0", Up = true, Peer = new VethPeer { Name = "up1" } });
        NodeClient.CreateLink(new VethSpec { Name = "dev0", Peer = new VethPeer { Name = "dev1" } });
        Node.Run(() =>
        {
            EnterFileSystemOfOurOwn();
            foreach (string ipam in new[] { "host-local", "static", "dhcp" })
                _ = File.CreateSymbolicLink($"/run/bin/{ipam}", Path.GetFullPath(Environment.ProcessPath!));
            string config =
                $$"""{"cniVersion": "1.1.0", "name": "pods", "type": "{{type}}", "cni.dev/valid-attachments": [{"containerID": "c2","""
                + $$""" "ifname": "eth0"}], {{s_members[type]}}}""";
            foreach (string command in new[] { "ADD", "CHECK", "DEL", "STATUS", "GC" })
            {
                for (int seed = 0; seed < s_changes; seed++)
                {
                    Call(type, command, Change(config, new Random(seed)), seed);
                    if (command == "ADD")
                        Call(type, "DEL", Encoding.UTF8.GetBytes(config), seed);
                }
            }
        });
    }

    private void Call(string type, string command, byte[] input, int seed)
    {
        FakeHost host = new(command) { RawInput = input };
        host["CNI_CONTAINERID"] = "c1";
        host["CNI_NETNS"] = PathOf(Pod);
        host["CNI_IFNAME"] = "eth0";
        host["CNI_PATH"] = "/run/bin";
        host["CNI_ARGS"] = "IgnoreUnknown=1;K=V";
        if (CniProgram.Run(host, PluginTable.Create(type)!, ErrorTranslation.Translate) == 0)
            return;
        CniException error = ErrorAnswer.TryRead(Encoding.UTF8.GetBytes(host.Output), type)!;
        Assert.True(
            error.Code != CniErrorCode.Internal,
            $"{type} {command}, seed {seed}: {error.Message}\n{error.Details}\n{Encoding.UTF8.GetString(input)}");
    }

    /// <summary>One to three values in the place of others, or bytes in the place of others, in the middle of it or none.</summary>
    private static byte[] Change(string config, Random random)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(config)];
        bool isJson = random.Next(4) != 0;
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(bytes.Count);
            if (!isJson)
            {
                bytes[at] = (byte)random.Next(256);
                continue;
            }
            int begin = bytes.IndexOf((byte)':', at) + 1;
            int end = begin > 0 ? bytes.FindIndex(begin, static b => b is (byte)',' or (byte)'}' or (byte)']') : -1;
            if (end < 0)
                continue;
            bytes.RemoveRange(begin, end - begin);
            bytes.InsertRange(begin, Encoding.UTF8.GetBytes(s_values[random.Next(s_values.Length)]));
        }
        return [.. bytes];
    }

    /// <summary>Nothing that a changed path leads to is the host's: only what is made here can be written.</summary>
    private static unsafe void EnterFileSystemOfOurOwn()
    {
        Assert.Equal(0, LibC.unshare(LibC.CLONE_NEWNS));
        Mount(null, "/", null, LibC.MS_REC | LibC.MS_PRIVATE);
        Mount(null, "/", null, LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY);
        foreach (string path in new[] { "/run", "/var/lib", "/tmp" })
            Mount("tmpfs", path, "tmpfs", 0);
        _ = Directory.CreateDirectory("/run/bin");
    }

    private static unsafe void Mount(string? source, string target, string? kind, ulong flags)
    {
        fixed (byte* from = Bytes(source), to = Bytes(target), type = Bytes(kind))
            Assert.Equal(0, LibC.mount(from, to, type, (ulong_t)flags, null));
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text + '\0');
}
