using System.Globalization;
using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Dhcp;

/// <summary>The life of the published binary's daemon: its start and end, and what its leases live through.</summary>
public sealed class DhcpDaemonTests : IDisposable
{
    private const string Pool = """ "id": 1, "subnet": "192.168.1.0/24", "pools": [{ "pool": "192.168.1.10 - 192.168.1.250" }] """;

    private readonly DhcpNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void SIGTERM_ends_it_and_takes_socket_and_pidfile_away()
    {
        string pidFile = Path.Combine(_node.Sandbox.Directory, "dhcp.pid");
        RunningCommand daemon = _node.StartDaemon("-pidfile", pidFile, "-socketpath=/run/other/dhcp.sock");
        Assert.Equal("700", _node.Sandbox.Run("stat", "-c", "%a", "/run/other").Trim());

        _node.Script($"test -S /run/other/dhcp.sock; kill -TERM $(cat {pidFile})");

        Assert.Equal(0, daemon.WaitForExit().ExitCode);
        _node.Script($"test ! -e /run/other/dhcp.sock -a ! -e {pidFile}");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("077")]
    public void Modes_are_the_same_whatever_the_umask(string umask)
    {
        _ = _node.Start(
            "listening at",
            [
                "bash",
                "-c",
                $"umask {umask}; exec {_node.Sandbox.Plugins.Path}/dhcp daemon -socketpath /run/a/b/dhcp.sock -statedir /run/c/d -pidfile "
                + "/run/dhcp.pid 2>&1",
            ]);
        Assert.Equal(
            "755 700 600 755 700 644",
            _node.Sandbox.Run("stat", "-c", "%a", "/run/a", "/run/a/b", "/run/a/b/dhcp.sock", "/run/c", "/run/c/d", "/run/dhcp.pid")
                .Trim()
                .ReplaceLineEndings(" "));
        CommandResult nobody = _node.Sandbox.TryRun(
            "setpriv",
            "--reuid=65534",
            "--clear-groups",
            "perl",
            "-e",
            "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un('/run/a/b/dhcp.sock')) or exit 7");
        Assert.Equal(7, nobody.ExitCode);
    }

    [Fact]
    public void At_its_limit_of_descriptors_it_says_so_once_and_serves_when_one_is_free()
    {
        _ = _node.Start(
            "listening at",
            [
                "bash",
                "-c",
                $"exec prlimit --nofile=40 {_node.Sandbox.Plugins.Path}/dhcp daemon -pidfile /run/dhcp.pid 2>/run/dhcp.log & tail --pid=$! "
                + "-n +1 -F /run/dhcp.log 2>/dev/null",
            ]);
        // Sixty that say nothing, with whom the daemon has patience for ten seconds; in two of them one that spins uses 200 ticks.
        string ticks = _node.Sandbox.Run("perl", "-e", """
            use Socket; for (1..60) { socket(my $s, PF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un('/run/cni/dhcp.sock')) or die;
            push @s, $s } sleep 2;
            open(P, '</run/dhcp.pid'); my $pid = <P>; open(T, "</proc/$pid/stat"); my @f = split / /, <T>; print $f[13] + $f[14];
            """);
        Assert.InRange(int.Parse(ticks, CultureInfo.InvariantCulture), 0, 50);
        Assert.Equal("1", _node.Sandbox.Run("grep", "-c", "EMFILE", "/run/dhcp.log").Trim());
        _ = _node.Plugin.Run("dhcp", "STATUS", DhcpNode.Network()).ExpectSuccess();
    }

    [Fact]
    public void A_second_daemon_is_refused_and_a_killed_ones_socket_replaced()
    {
        RunningCommand daemon = _node.StartDaemon();
        CommandResult second = _node.Sandbox.TryRun($"{_node.Sandbox.Plugins.Path}/dhcp", "daemon");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("EADDRINUSE", second.Error, StringComparison.Ordinal);

        DhcpNode.Kill(daemon);
        _ = _node.StartDaemon();
        _ = _node.Plugin.Run("dhcp", "STATUS", DhcpNode.Network()).ExpectSuccess();
    }

    [Fact]
    public void Wrong_flags_end_it_with_2()
    {
        CommandResult result = _node.Sandbox.TryRun($"{_node.Sandbox.Plugins.Path}/dhcp", "daemon", "-nosuch");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("usage: dhcp daemon", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Socket_activation_hands_it_a_socket_that_stays()
    {
        // perl-base is on every Debian; systemd-socket-activate is not.
        const string Activate = """
            use Socket; BEGIN { $^F = 10 } $SIG{INT} = 'DEFAULT'; mkdir '/run/cni'; socket(S, PF_UNIX, SOCK_STREAM, 0) or die;
            bind(S, sockaddr_un('/run/cni/dhcp.sock')) or die; listen(S, 5);
            die if fileno(S) != 3; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$; open(STDERR, '>&STDOUT'); exec @ARGV;
            """;
        RunningCommand daemon = _node.Start(
            "listening at", ["perl", "-e", Activate, "--", $"{_node.Sandbox.Plugins.Path}/dhcp", "daemon", "-pidfile", "/run/dhcp.pid"]);

        _ = _node.Plugin.Run("dhcp", "STATUS", DhcpNode.Network()).ExpectSuccess();
        _node.Script("kill -INT $(cat /run/dhcp.pid)");
        Assert.Equal(0, daemon.WaitForExit().ExitCode);
        _node.Script("test -S /run/cni/dhcp.sock");
    }

    [Fact]
    public void A_killed_daemons_leases_are_renewed_on_by_the_next()
    {
        RunningCommand kea = _node.StartKea(4, Pool, """ "valid-lifetime": 8, "renew-timer": 4, "rebind-timer": 6 """);
        RunningCommand daemon = _node.StartDaemon();
        Pod[] pods = [.. Enumerable.Range(0, 5).Select(_ => _node.NewPod())];
        string[] addresses = [.. pods.Select(pod => DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), pod)))];

        DhcpNode.Kill(daemon);
        _ = _node.StartDaemon();
        foreach (Pod pod in pods)
            _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), pod).ExpectSuccess();
        // Two lives of a lease later.
        foreach (string address in addresses)
            kea.WaitForOutput($"lease {address[..address.IndexOf('/')]} has been allocated", times: 4);
        Assert.Equal(addresses, pods.Select(static pod => $"{pod.Address()}/24"));
        foreach (Pod pod in pods)
            _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), pod).ExpectSuccess();
    }

    [Fact]
    public void An_address_that_changes_at_renewal_is_applied()
    {
        // T1, which dnsmasq would otherwise not make so short.
        const string Renewal = "--dhcp-option-force=option:T1,4";
        RunningCommand dnsmasq = _node.StartDnsmasq("--dhcp-range=192.168.1.10,192.168.1.10,255.255.255.0,120s", Renewal);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        Assert.Equal("192.168.1.10/24", DhcpNode.Address(_node.Plugin.Add("bridge", DhcpNode.Network(), pod)));
        _node.KillServer(dnsmasq);
        File.Delete(_node.LeaseFile);
        _ = _node.StartDnsmasq("--dhcp-range=192.168.1.200,192.168.1.200,255.255.255.0,120s", Renewal);

        _ = DhcpNode.WaitForInterface(pod, "grep -q 192.168.1.200/24");

        Assert.Equal("192.168.1.200", pod.Address());
        pod.AssertReaches("192.168.1.1");
        Assert.Contains("default via 192.168.1.1", pod.Run("ip", "route"), StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.1.10/", pod.Run("ip", "address"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_lease_takes_the_interface_down()
    {
        RunningCommand kea = _node.StartKea(4, Pool, """ "valid-lifetime": 6, "renew-timer": 2, "rebind-timer": 4 """);
        _ = _node.StartDaemon();
        Pod pod = _node.NewPod();
        _ = _node.Plugin.Add("bridge", DhcpNode.Network(), pod).ExpectSuccess();
        _node.KillServer(kea);

        _ = DhcpNode.WaitForInterface(pod, "grep -q 'state DOWN'");

        _ = _node.Plugin.Check("dhcp", DhcpNode.Network(), pod).ExpectError(code: 104);
    }

    [Fact]
    public void Keas_IPv6_addresses_are_renewed_on_by_the_next_daemon()
    {
        RunningCommand kea = _node.StartKea(
            6, """ "id": 1, "subnet": "fd01::/64", "interface": "eth0", "pools": [{ "pool": "fd01::100 - fd01::1ff" }] """,
            """ "preferred-lifetime": 8, "valid-lifetime": 10, "renew-timer": 4, "rebind-timer": 6 """);
        RunningCommand daemon = _node.StartDaemon();
        Pod pod = _node.NewPod();
        string config = DhcpNode.Network(""" "ipv4": false, "ipv6": true """);
        string address = DhcpNode.Address(_node.Plugin.Add("bridge", config, pod));
        Assert.EndsWith("/128", address, StringComparison.Ordinal);

        DhcpNode.Kill(daemon);
        _ = _node.StartDaemon();
        kea.WaitForOutput("DHCP6_LEASE_RENEW", times: 3);
        _ = _node.Plugin.Check("dhcp", config, pod).ExpectSuccess();
        Assert.Equal(address, $"{pod.Address(IpFamily.IPv6)}/128");
        _ = _node.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        kea.WaitForOutput("DHCP6_RELEASE_NA");
    }

    [Fact]
    public void Two_hundred_leases_need_less_than_60_megabytes()
    {
        _ = _node.StartDnsmasq("--dhcp-range=192.168.1.5,192.168.1.250,255.255.255.0,120s", "--dhcp-lease-max=1000");
        _ = _node.StartDaemon("-pidfile", "/run/dhcp.pid");
        Pod pod = _node.NewPod();
        string config = _node.Sandbox.WriteFile("lan.json", DhcpNode.Network());

        string addresses = _node.Sandbox.Run("bash", "-ec", $$"""
            export CNI_COMMAND=ADD CNI_CONTAINERID={{pod.ContainerId}} CNI_NETNS={{pod.Netns}} CNI_PATH=/opt/cni/bin
            for i in {1..200}; do CNI_IFNAME=eth$i /opt/cni/bin/bridge <{{config}} | grep -o '"192.168.1.[0-9]*/24"'; done
            """);

        Assert.Equal(200, addresses.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
        string status = _node.Sandbox.Run("bash", "-c", "grep -E 'VmHWM|Threads' /proc/$(cat /run/dhcp.pid)/status");
        int[] numbers =
        [
            .. status.Split((char[])['\t', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
                .Where(static word => char.IsAsciiDigit(word[0]))
                .Select(static word => int.Parse(word, CultureInfo.InvariantCulture)),
        ];
        TestContext.Current.TestOutputHelper?.WriteLine(status);
        Assert.InRange(numbers[0], 1, 60 * 1024);
        Assert.InRange(numbers[1], 1, 10);
        _node.Script("test $(ls /run/cni/dhcp/*.json | wc -l) = 200");
    }
}
