using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>etcd of a <see cref="ClusterSandbox"/>: one member on each of the first hosts, each with data of its own.</summary>
/// <param name="sandbox">In which the hosts are.</param>
/// <param name="hosts">Those that have a member.</param>
public sealed class ClusterEtcd(RuntimeSandbox sandbox, IReadOnlyList<ClusterHost> hosts)
{
    private readonly RunningCommand?[] _members = new RunningCommand?[hosts.Count];

    public int Count => hosts.Count;

    /// <summary>Where the members serve, as agent.yaml has it.</summary>
    public IReadOnlyList<string> Endpoints => [.. hosts.Select(static host => $"http://{host.Address}:2379")];

    public bool IsRunning(int member) => _members[member] is { HasExited: false };

    /// <summary>Starts a member with the data that it has from before.</summary>
    public void Start(int member)
    {
        RunningCommand started = hosts[member].Start(
        [
            "bash", "-c", "echo $$ >\"$0.pid\"; echo started; exec etcd \"$@\" >>\"$0.log\" 2>&1", Files(member),
            "--data-dir", $"{Files(member)}.data",
            "--listen-client-urls", Endpoints[member], "--advertise-client-urls", Endpoints[member],
            "--listen-peer-urls", PeerUrl(member),
            // Nothing waits for a disk.
            "--unsafe-no-fsync", "--heartbeat-interval", "50", "--election-timeout", "500",
            .. Identity(member),
        ]);
        started.WaitForOutput("started");
        _members[member] = started;
    }

    /// <summary>SIGKILL, and the wait for the end.</summary>
    public void Kill(int member)
    {
        Signal(member, "KILL");
        _ = _members[member]!.WaitForExit();
    }

    /// <summary>Stops a member, so that its connections stay and nothing answers, or lets it go on.</summary>
    /// <param name="member">Which.</param>
    /// <param name="signal">STOP or CONT.</param>
    public void Signal(int member, string signal) =>
        sandbox.Run("kill", $"-{signal}", File.ReadAllText($"{Files(member)}.pid").Trim());

    /// <summary>Runs etcdctl on the host of a member that runs.</summary>
    public CommandResult Ctl(int member, params IReadOnlyList<string> arguments) =>
        hosts[member].TryRun(["env", "ETCDCTL_API=3", "etcdctl", $"--endpoints={Endpoints[member]}", .. arguments]);

    /// <summary>Kills all members that run, and starts all with nothing but what is in a backup.</summary>
    /// <param name="backup">Made by <c>etcdctl snapshot save</c>.</param>
    public void Restore(string backup)
    {
        for (int member = 0; member < Count; member++)
        {
            if (IsRunning(member))
                Kill(member);
            Directory.Delete($"{Files(member)}.data", recursive: true);
            _ = hosts[member].Run(
            [
                "env", "ETCDCTL_API=3", "etcdctl", "snapshot", "restore", backup, "--data-dir", $"{Files(member)}.data",
                .. Identity(member),
            ]);
        }
        for (int member = 0; member < Count; member++)
            Start(member);
    }

    private string Files(int member) => Path.Combine(sandbox.Directory, $"etcd{member}");

    private string PeerUrl(int member) => $"http://{hosts[member].Address}:2380";

    private string[] Identity(int member) =>
    [
        "--name", $"m{member}", "--initial-advertise-peer-urls", PeerUrl(member),
        "--initial-cluster", string.Join(',', Enumerable.Range(0, Count).Select(number => $"m{number}={PeerUrl(number)}")),
    ];
}
