using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Dhcp;

/// <summary>
/// A node whose pods are on a bridge, <c>lan0</c>, together with a namespace in which DHCP servers run: 192.168.1.1/24 and fd01::1/64 on
/// its <c>eth0</c>.
/// </summary>
public sealed class DhcpNode : IDisposable
{
    private const string ServerNamespace = "server";

    private readonly List<RunningCommand> _running = [];
    private int _pods;
    private int _files;

    public DhcpNode()
    {
        Plugin = new PluginProcess(Sandbox);
        Script(
            $"""
            ip netns add {ServerNamespace}
            ip link add lan0 type bridge
            ip link set lan0 up
            ip link add port0 type veth peer name eth0 netns {ServerNamespace}
            ip link set port0 master lan0 up
            ip -n {ServerNamespace} address add 192.168.1.1/24 dev eth0
            ip -n {ServerNamespace} address add fd01::1/64 dev eth0 nodad
            ip netns exec {ServerNamespace} sysctl -qw net.ipv6.conf.eth0.accept_dad=0
            ip -n {ServerNamespace} link set eth0 up
            ip -n {ServerNamespace} link set lo up
            """);
    }

    public RuntimeSandbox Sandbox { get; } = RuntimeSandbox.Start();

    public PluginProcess Plugin { get; }

    public void Dispose()
    {
        foreach (RunningCommand running in _running)
            running.Dispose();
        Sandbox.Dispose();
    }

    /// <summary>A configuration of <c>bridge</c> with addresses from the daemon.</summary>
    public static string Network(string ipam = "", string version = "1.1.0", string name = "lan") => $$"""
        { "cniVersion": "{{version}}", "name": "{{name}}", "type": "bridge", "bridge": "lan0",
        "ipam": { "type": "dhcp"{{(ipam.Length > 0 ? ", " : "")}}{{ipam}} } }
        """;

    public Pod NewPod() => Pod.Create(Sandbox, $"pod{++_pods}");

    public void Script(string text) => Sandbox.Run("bash", "-ec", text);

    /// <summary>Starts the daemon and waits until it listens.</summary>
    public RunningCommand StartDaemon(params IReadOnlyList<string> flags) =>
        Start("listening at", ["bash", "-c", "exec \"$@\" 2>&1", "-", $"{Sandbox.Plugins.Path}/dhcp", "daemon", .. flags]);

    /// <summary>Starts dnsmasq and waits until it serves. Its leases live for two minutes, the shortest that it knows.</summary>
    public RunningCommand StartDnsmasq(params IReadOnlyList<string> options) => Start(
        "started",
        [
            "ip", "netns", "exec", ServerNamespace, "bash", "-c", "exec \"$@\" 2>&1", "-",
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--port=0",
            "--user=root",
            "--pid-file=",
            "--interface=eth0",
            "--bind-interfaces",
            "--no-ping", "--dhcp-authoritative", $"--dhcp-leasefile={LeaseFile}", "--log-facility=-", "--log-dhcp", .. options,
        ]);

    /// <summary>Asserts that dnsmasq has given so many leases, and returns their lines.</summary>
    // It writes its file behind the acknowledgement, and a release it does not even answer.
    public string[] AssertLeases(int count)
    {
        string[] leases = [];
        bool isSo = SpinWait.SpinUntil(() => (leases = ReadLeases()).Length == count, TimeSpan.FromSeconds(10));
        Assert.True(isSo, $"{count} leases expected: {string.Join("; ", leases)}");
        return leases;
    }

    /// <summary>A line per lease of either family, without the server's own identifier.</summary>
    private string[] ReadLeases() =>
        File.Exists(LeaseFile)
            ? [.. File.ReadAllLines(LeaseFile).Where(static line => !line.StartsWith("duid ", StringComparison.Ordinal))]
            : [];

    /// <summary>Starts kea's server of a family and waits until it serves.</summary>
    /// <param name="family">4 or 6.</param>
    /// <param name="subnet">The members of its only subnet.</param>
    /// <param name="lifetimes">The members that say how long its leases live.</param>
    public RunningCommand StartKea(int family, string subnet, string lifetimes)
    {
        // Not written down: kea's own directory belongs to another user.
        string identifier = family == 6 ? """ "server-id": { "type": "LL", "persist": false }, """ : "";
        string file = Sandbox.WriteFile($"kea{++_files}.json", $$"""
            { "Dhcp{{family}}": { {{identifier}}
              "interfaces-config": { "interfaces": ["eth0"] },
              "lease-database": { "type": "memfile", "persist": false },
              "loggers": [{ "name": "kea-dhcp{{family}}", "severity": "INFO", "output_options": [{ "output": "stdout" }] }],
              {{lifetimes}},
              "subnet{{family}}": [{ {{subnet}} }] } }
            """);
        return Start(
            $"DHCP{family}_STARTED",
            [
                "ip",
                "netns",
                "exec",
                ServerNamespace,
                "env",
                "KEA_LOCKFILE_DIR=none",
                $"KEA_PIDFILE_DIR={Sandbox.Directory}",
                $"kea-dhcp{family}",
                "-c",
                file,
            ]);
    }

    /// <summary>Ends a daemon of ours.</summary>
    public static void Kill(RunningCommand daemon)
    {
        daemon.Kill();
        _ = daemon.WaitForExit();
    }

    /// <summary>Ends a server: one that has changed its credentials does not die with its parent (prctl(2), PR_SET_PDEATHSIG).</summary>
    public void KillServer(RunningCommand server)
    {
        server.Kill();
        _ = Sandbox.TryRun("pkill", "--signal", "KILL", "--exact", "dnsmasq|kea-dhcp4|kea-dhcp6");
        _ = server.WaitForExit();
    }

    /// <summary>Waits until a pod's interface is as wanted, as rtnetlink tells.</summary>
    public static string WaitForInterface(Pod pod, string condition) => pod.Run(
        "timeout", "60", "bash", "-c",
        $$"""
        exec 3< <(exec ip monitor link address 2>/dev/null)
        until ip -o address show dev {{pod.InterfaceName}} | {{condition}} && exit 0 \
          || ip -o link show dev {{pod.InterfaceName}} | {{condition}}
        do read -r -t 1 _ <&3 || true; done
        """);

    /// <summary>The only address of a result.</summary>
    public static string Address(PluginResult added)
    {
        JsonElement result = added.ExpectSuccess().Json;
        return result.TryGetProperty("ip4", out JsonElement ip4)
            ? ip4.GetProperty("ip").GetString()!
            : Assert.Single(result.GetProperty("ips").EnumerateArray()).GetProperty("address").GetString()!;
    }

    /// <summary>Starts a command in the sandbox and waits for a line of its output.</summary>
    public RunningCommand Start(string ready, IReadOnlyList<string> command)
    {
        RunningCommand running = Sandbox.Start(command);
        _running.Add(running);
        running.WaitForOutput(ready);
        return running;
    }

    /// <summary>Where dnsmasq writes its leases down.</summary>
    public string LeaseFile => Path.Combine(Sandbox.Directory, "dnsmasq.leases");
}
