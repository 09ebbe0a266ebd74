using System.Text.Json.Nodes;
using EndToEnd.Cluster;

namespace EndToEnd.Reliability;

/// <summary>
/// What happens to a cluster of three hosts, each with an agent and a member of etcd. The seed decides what and when; how far each part has
/// got by then is up to the machine.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="pods">Its pods.</param>
/// <param name="random">Decides.</param>
public sealed class ChaosEvents(ClusterSandbox cluster, ChaosPods pods, Random random)
{
    // An agent of another version, which takes the place of the one that was killed; null for none.
    private static readonly string? s_otherAgent = Environment.GetEnvironmentVariable("RELIABILITY_OTHER_AGENT");

    // Longer than a node's lease in long runs; there is no time for it in every run of the tests.
    private static readonly TimeSpan s_longest =
        Environment.GetEnvironmentVariable("RELIABILITY_COUNT") is null ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(35);

    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<ClusterHost> _stopped = [], _cut = [];
    private string? _backup;

    public string Summary => string.Join(", ", _counts.Select(static happened => $"{happened.Value} {happened.Key}"));

    /// <summary>One thing happens, pods come and go, and as often as not something that was broken is mended.</summary>
    public void Next()
    {
        ClusterHost host = Any(cluster.Hosts);
        (string name, Action happen) = Any<(string, Action)>(
            ("agent killed", () => KillAgent(host)),
            ("agent killed while it claims", () => KillClaiming(host)),
            ("agent stopped", () => StopAgent(host)),
            ("member killed", KillMember),
            ("leader killed", KillLeader),
            ("host cut off", () => Cut(host)),
            ("history compacted", Compact),
            ("etcd restored from a backup", Restore),
            ("tunnel device deleted", () => host.TryRun("ip", "link", "delete", "cni-vx0")));
        _counts[name] = _counts.GetValueOrDefault(name) + 1;
        happen();
        foreach (ClusterHost one in cluster.Hosts)
        {
            pods.Fill(one, random.Next(4));
            pods.Detach(one, random.Next(3));
        }
        Thread.Sleep(s_longest * Math.Pow(random.NextDouble(), 4));
        if (random.Next(2) == 0)
            MendOne();
    }

    /// <summary>Mends all that is broken.</summary>
    public void Mend()
    {
        while (MendOne())
        {
        }
    }

    private bool MendOne()
    {
        List<Action> mends =
        [
            .. cluster.Hosts.Where(static host => !host.HasAgent).Select(host => (Action)(() => StartAgent(host))),
            .. Enumerable.Range(0, cluster.Etcd.Count).Where(member => !cluster.Etcd.IsRunning(member))
                .Select(member => (Action)(() => cluster.Etcd.Start(member))),
            .. _stopped.Select(host => (Action)(() => Continue(host))),
            .. _cut.Select(host => (Action)(() => Join(host))),
        ];
        if (mends.Count == 0)
            return false;
        mends[random.Next(mends.Count)]();
        return true;
    }

    private void StartAgent(ClusterHost host) => host.StartAgent(program: random.Next(2) == 0 ? s_otherAgent : null);

    private void KillAgent(ClusterHost host)
    {
        if (!host.HasAgent)
            return;
        host.KillAgent();
        _ = _stopped.Remove(host);
    }

    /// <summary>At any instant between a pod that makes the node want another block, and the list that has it.</summary>
    private void KillClaiming(ClusterHost host)
    {
        if (!host.HasAgent)
            StartAgent(host);
        Continue(host);
        pods.Detach(host, int.MaxValue);
        pods.Fill(host, 6);
        Thread.Sleep(TimeSpan.FromMilliseconds(300 * random.NextDouble()));
        KillAgent(host);
    }

    private void StopAgent(ClusterHost host)
    {
        if (host.HasAgent && _stopped.Add(host))
            host.SignalAgent("STOP");
    }

    private void Continue(ClusterHost host)
    {
        if (_stopped.Remove(host))
            host.SignalAgent("CONT");
    }

    private void KillMember()
    {
        int member = random.Next(cluster.Etcd.Count);
        if (cluster.Etcd.IsRunning(member))
            cluster.Etcd.Kill(member);
    }

    private void KillLeader()
    {
        if (Running() is [var first, ..] && LeaderAsSeenBy(first) is { } leader && cluster.Etcd.IsRunning(leader))
            cluster.Etcd.Kill(leader);
    }

    private int? LeaderAsSeenBy(int member)
    {
        if (cluster.Etcd.Ctl(member, "endpoint", "status", "--write-out=json", "--cluster") is not { ExitCode: 0 } status)
            return null;
        foreach (JsonNode? endpoint in JsonNode.Parse(status.Output)!.AsArray())
        {
            if ((ulong?)endpoint!["Status"]!["leader"] == (ulong?)endpoint["Status"]!["header"]!["member_id"])
                return cluster.Etcd.Endpoints.ToList().IndexOf((string)endpoint["Endpoint"]!);
        }
        return null;
    }

    private void Cut(ClusterHost host)
    {
        if (_cut.Add(host))
            host.Plug(isJoined: false);
    }

    private void Join(ClusterHost host)
    {
        _ = _cut.Remove(host);
        host.Plug(isJoined: true);
    }

    private void Compact()
    {
        if (Running() is not [var first, ..] || cluster.Etcd.Ctl(first, "get", "x", "--write-out=json") is not { ExitCode: 0 } answer)
            return;
        long revision = (long)JsonNode.Parse(answer.Output)!["header"]!["revision"]!;
        _ = cluster.Etcd.Ctl(first, "compact", $"{revision}");
    }

    /// <summary>A backup is taken one time, and the next time everything since is lost.</summary>
    private void Restore()
    {
        if (_backup is { } backup)
        {
            foreach (ClusterHost host in cluster.Hosts.Where(_cut.Contains).ToArray())
                Join(host);
            cluster.Etcd.Restore(backup);
            _backup = null;
            return;
        }
        string path = Path.Combine(cluster.Sandbox.Directory, $"backup{_counts.Values.Sum()}");
        if (Running() is [var first, ..] && cluster.Etcd.Ctl(first, "snapshot", "save", path).ExitCode == 0)
            _backup = path;
    }

    private List<int> Running() => [.. Enumerable.Range(0, cluster.Etcd.Count).Where(cluster.Etcd.IsRunning)];

    private T Any<T>(params IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
