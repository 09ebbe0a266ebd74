using EndToEnd.Sandbox;

namespace EndToEnd.Runtimes;

/// <summary>firewalld as Debian ships it, on a D-Bus system bus of the sandbox's own. Both end with the sandbox.</summary>
public sealed class FirewalldDaemon
{
    private const string Name = "org.fedoraproject.FirewallD1";

    private readonly RuntimeSandbox _sandbox;

    private FirewalldDaemon(RuntimeSandbox sandbox) => _sandbox = sandbox;

    /// <summary>Starts the bus, on which nobody answers for firewalld yet.</summary>
    public static FirewalldDaemon StartBusIn(RuntimeSandbox sandbox)
    {
        string directory = sandbox.Directory;
        string services = Path.GetDirectoryName(sandbox.WriteFile($"services/{Name}.service", $"""
            [D-BUS Service]
            Name={Name}
            Exec=/usr/sbin/firewalld --nofork --nopid --system-config {directory}/firewalld --log-file {directory}/firewalld.log
            User=root
            """))!;
        _ = sandbox.WriteFile("firewalld/firewalld.conf", "DefaultZone=public\nFirewallBackend=nftables\n");
        string config = sandbox.WriteFile("bus.conf", $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>unix:path=/run/dbus/system_bus_socket</listen>
              <auth>EXTERNAL</auth>
              <servicedir>{services}</servicedir>
              <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
            </busconfig>
            """);
        _ = sandbox.Run("mkdir", "-p", "/run/dbus");
        // It forks when its socket is there.
        _ = sandbox.Run("sh", "-euc", $"dbus-daemon --config-file={config} --fork --nopidfile </dev/null >/dev/null 2>&1");
        return new FirewalldDaemon(sandbox);
    }

    /// <summary>
    /// Starts firewalld and waits until it serves: the bus answers when the name has an owner, and firewalld itself when it has loaded its
    /// rules.
    /// </summary>
    public void Start()
    {
        _ = _sandbox.Run(
            "dbus-send", "--system", "--print-reply", "--reply-timeout=60000", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
            "org.freedesktop.DBus.StartServiceByName", $"string:{Name}", "uint32:0");
        Assert.Equal("running", Command("--state"));
    }

    /// <summary>firewalld's own client.</summary>
    public string Command(params IReadOnlyList<string> arguments) => _sandbox.Run(["firewall-cmd", .. arguments]).Trim();

    /// <summary>The sources of a zone.</summary>
    public string[] SourcesOf(string zone) =>
        [.. Command($"--zone={zone}", "--list-sources").Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
}
