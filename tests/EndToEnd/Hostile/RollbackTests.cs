using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>
/// An ADD that fails at one of its steps leaves the host and the leases as they were, and the same ADD succeeds once the cause is gone.
/// </summary>
public sealed class RollbackTests : IDisposable
{
    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    /// <summary>
    /// What fails: a name; commands that bring it about; those that end it; the code; a part of the message; members of the plugin; of
    /// ipam.
    /// </summary>
    public static TheoryData<string, string, string, int, string, string, string> Failures => new()
    {
        { "interface exists", "ip -n pod link add eth0 type veth peer name other", "ip -n pod link del eth0", 103, "eth0", "", "" },
        {
            "bridge is none",
            "install -D /dev/null /run/cni/bridges/taken.lock; ip link add taken type veth peer name other",
            "ip link del taken", 7, "taken", """, "bridge": "taken" """, ""
        },
        {
            "another gateway",
            "ip addr add 10.77.0.1/16 dev cni0; ip addr del 10.35.0.1/24 dev cni0",
            "ip addr del 10.77.0.1/16 dev cni0", 7, "10.77.0.1/16", "", ""
        },
        {
            "a chain of our name at another hook",
            "nft delete table inet cniplugin; nft add table inet cniplugin; "
            + "nft add chain inet cniplugin postrouting '{ type filter hook input priority 0; }'",
            "nft delete table inet cniplugin", 101, "postrouting", "", ""
        },
        {
            "a map of our name with other keys",
            "nft delete table inet cniplugin; nft add table inet cniplugin; "
            + "nft add map inet cniplugin masq4 '{ type inet_service : verdict; }'",
            "nft delete table inet cniplugin", 0, "masq4", "", ""
        },
        {
            "no forwarding",
            "echo 0 >/proc/sys/net/ipv4/ip_forward; mount --bind -o ro /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys",
            "umount /proc/sys", 101, "ip_forward", "", ""
        },
        { "a gateway of the other family", "true", "", 7, "10.99.0.0", "", """, "routes": [{ "dst": "10.99.0.0/16", "gw": "fd00::1" }]""" },
        {
            "a gateway that is a broadcast address",
            "true",
            "", 101, "10.99.0.0", "", """, "routes": [{ "dst": "10.99.0.0/16", "gw": "255.255.255.255" }]"""
        },
        { "a table that is none", "true", "", 6, "4294967296", "", """, "routes": [{ "dst": "10.99.0.0/16", "table": 4294967296 }]""" },
        { "a MAC of many", "true", "", 0, "mac", """, "runtimeConfig": { "mac": "01:00:5e:00:00:01" } """, "" },
        { "no resolv.conf", "true", "", 7, "/nonexistent", "", """, "resolvConf": "/nonexistent" """ },
        { "an address that is taken", "true", "", 103, "10.35.0.10", """, "args": { "cni": { "ips": ["10.35.0.10"] } } """, "" },
        { "an address out of range", "true", "", 7, "10.35.0.99", """, "args": { "cni": { "ips": ["10.35.0.99"] } } """, "" },
        {
            "the second range is full",
            "true",
            "", 102, "10.36.0.", "",
            """, "ranges": [[{ "subnet": "10.36.0.0/30", "rangeStart": "10.36.0.2", "rangeEnd": "10.36.0.2", "gateway": "10.36.0.2" }]]"""
        },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failed_add_leaves_nothing(string name, string cause, string remedy, int code, string message, string bridge, string ipam)
    {
        string sound = _network.Config(from: 10, to: 20);
        Pod bystander = _network.Attach("bystander", sound);
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        _ = _network.Sandbox.Run("bash", "-euc", cause);
        NodeState before = NodeState.Of(_network.Sandbox);
        string inside = pod.Run("ip", "address");

        PluginResult failed = _network.Plugin.Add("bridge", _network.Config(from: 10, to: 20, bridge: bridge, ipam: ipam), pod);

        Assert.Contains(
            message, failed.ExpectError(code == 0 ? failed.Json.GetProperty("code").GetInt32() : code), StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        Assert.Equal(inside, pod.Run("ip", "address"));
        Assert.Equal([LeaseFiles.Line(bystander)], _network.Leases.Held());
        Assert.DoesNotContain("internal error", failed.Output, StringComparison.Ordinal);

        _ = _network.Sandbox.Run("bash", "-euc", remedy);
        _ = _network.Plugin.Add("bridge", sound, pod).ExpectSuccess();
        pod.AssertReaches(HostileNetwork.Gateway);
        Assert.NotEmpty(name);
    }

    // The runtime sees a failed ADD when it gets no result.
    [Fact]
    public void An_add_whose_result_cannot_be_written_leaves_nothing()
    {
        string config = _network.Config();
        _ = _network.Attach("bystander", config);
        Pod pod = Pod.Create(_network.Sandbox, "pod");
        NodeState before = NodeState.Of(_network.Sandbox);
        string file = _network.Sandbox.WriteFile("config.json", config);

        CommandResult failed = _network.Sandbox.TryRun(
            "env",
            "CNI_COMMAND=ADD",
            "CNI_CONTAINERID=pod",
            $"CNI_NETNS={pod.Netns}",
            "CNI_IFNAME=eth0",
            $"CNI_PATH={_network.Plugin.Directory}",
            "sh", "-c", $"{_network.Plugin.Directory}/bridge <{file} >/dev/full");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("ENOSPC", failed.Error, StringComparison.Ordinal);
        NodeState.Of(_network.Sandbox).AssertSameAs(before);
        _ = Assert.Single(_network.Leases.Held());
    }

    [Fact]
    public void The_first_add_takes_its_bridge_away_again_when_it_fails()
    {
        Pod pod = Pod.Create(_network.Sandbox, "pod");

        _ = _network.Plugin.Add("bridge", _network.Config(bridge: """, "args": { "cni": { "ips": ["10.36.0.1"] } } """), pod)
            .ExpectError(code: 7);

        Assert.DoesNotContain("cni0", _network.Sandbox.Run("ip", "-o", "link"), StringComparison.Ordinal);
    }
}
