using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>
/// An agent whose store is no etcd, or does not let it in, says why and what to do; what runs on the host is left as it is.
/// </summary>
public sealed class BadStoreTests : IDisposable
{
    private const string Host = "192.0.2.1";

    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _first;
    private readonly string _before;

    public BadStoreTests()
    {
        _first = _cluster.Hosts[0];
        _cluster.CreatePods("vxlan");
        _before = _first.Datapath();
        _first.KillAgent();
    }

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Something_else_than_etcd_is_named()
    {
        // It listens, speaks HTTP, and is no etcd.
        StartEtcd("metrics", 2390, "--listen-metrics-urls", $"http://{Host}:2399");

        AssertWaits($"http://{Host}:2399", [], "what answers there is no etcd: check the endpoint");
        AssertWaits($"http://{Host}:2398", [], "etcd http://192.0.2.1:2398: ", "Connection refused");
    }

    [Fact]
    public void Certificates_that_will_not_do_are_named()
    {
        ClusterCertificates own = new($"{_cluster.Sandbox.Directory}/own"), others = new($"{_cluster.Sandbox.Directory}/others");
        (string server, string serverKey) = own.Sign("server", Host);
        (string expired, string expiredKey) = own.Sign("expired", Host, validFor: -1);
        (string node, string nodeKey) = own.Sign("host1");
        (string old, string oldKey) = own.Sign("old", validFor: -1);
        (string foreign, string foreignKey) = others.Sign("host1");
        StartEtcd("tls", 2390, "--cert-file", server, "--key-file", serverKey, "--trusted-ca-file", own.Authority, "--client-cert-auth");
        StartEtcd("expired", 2391, "--cert-file", expired, "--key-file", expiredKey);
        string[] good = ["--ca", own.Authority, "--cert", node, "--key", nodeKey];

        AssertWaits($"http://{Host}:2390", [], "if it serves with a certificate, write https://");
        AssertWaits($"https://{Host}:2379", good, "if it serves without a certificate, write http://");
        AssertRefused($"https://{Host}:2390", ["--cert", node, "--key", nodeKey], "is not trusted", "check ca");
        AssertRefused($"https://{Host}:2390", [.. good[2..], "--ca", others.Authority], "is not trusted", "check ca");
        AssertRefused($"https://{Host}:2391", good, "its certificate has expired", "issue a new one");
        AssertRefused("https://[2001:db8::1]:2390", good, "is for another host", "2001:db8::1");
        AssertWaits($"https://{Host}:2390", ["--ca", own.Authority], "if it asks for a certificate, set cert and key");
        AssertWaits(
            $"https://{Host}:2390", ["--ca", own.Authority, "--cert", foreign, "--key", foreignKey], "it may not accept cert");
        AssertRefused($"https://{Host}:2390", ["--ca", own.Authority, "--cert", old, "--key", oldKey], "cert is \"", "which expired at");
        AssertRefused(
            $"https://{Host}:2390", ["--ca", own.Authority, "--cert", node, "--key", oldKey], "key is \"", "it must be the key of");
        AssertRefused($"https://{Host}:2390", ["--ca", "/etc/hosts"], "ca is \"/etc/hosts\"", "give it a PEM file");

        _first.StartAgent(endpoint: $"https://{Host}:2390", options: good);
        ClusterSandbox.Until(
            "with the right ones it runs", () => _first.Status().Contains("\nall is well\n", StringComparison.Ordinal), _first.Describe);
    }

    [Fact]
    public void Store_that_no_longer_lets_the_agent_in_changes_nothing_and_is_asked_again()
    {
        _first.StartAgent();
        _cluster.WaitUntilAllIsWell();
        string password = _cluster.Sandbox.WriteFile("password", "wrong\n");
        Etcdctl("user", "add", "root:secret");
        Etcdctl("user", "grant-role", "root", "root");
        Etcdctl("auth", "enable");

        foreach (ClusterHost host in _cluster.Hosts)
        {
            ClusterSandbox.Until(
                "status says that it asks for a user",
                () => host.Status().Contains("it asks for a user; set user and password", StringComparison.Ordinal),
                host.Describe);
        }
        // The agent still mends what somebody breaks.
        _ = _first.Script("ip route flush proto 67");
        ClusterSandbox.Until("the routes are there again", () => _first.Datapath() == _before, _first.Describe);
        _first.KillAgent();
        string[] login = ["--user", "root", "--password-file", password];
        AssertRefused(_cluster.Etcd.Endpoints[0], login, "authentication failed", "check user and password");
        AssertRefused(_cluster.Etcd.Endpoints[0], [], "it asks for a user; set user and password");

        _first.StartAgent(options: ["--user", "root", "--password-file", _cluster.Sandbox.WriteFile("right", "secret\n")]);
        ClusterSandbox.Until(
            "with the right one it runs", () => _first.Status().Contains("\nall is well\n", StringComparison.Ordinal), _first.Describe);
        Etcdctl("--user", "root:secret", "auth", "disable");
        _cluster.WaitUntilAllIsWell();
        Assert.Equal(_before, _first.Datapath());
    }

    /// <summary>The agent ends at once, and says why.</summary>
    private void AssertRefused(string endpoint, string[] options, params string[] parts)
    {
        CommandResult ended = _first.RunAgent(endpoint, options);
        Assert.True(ended.ExitCode == 1, $"{endpoint} {string.Join(' ', options)}: exit status {ended.ExitCode}, {ended.Error}");
        Assert.All(parts, part => Assert.Contains(part, ended.Error, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(_before, _first.Datapath());
    }

    /// <summary>The agent waits for the store, and its status says for what.</summary>
    private void AssertWaits(string endpoint, string[] options, params string[] parts)
    {
        _first.StartAgent(endpoint: endpoint, options: options);
        ClusterSandbox.Until(
            $"{endpoint}: {string.Join(", ", parts)}",
            () => _first.Status().Split('\n').Any(line => line.StartsWith("problem: ", StringComparison.Ordinal)
                && parts.All(part => line.Contains(part, StringComparison.OrdinalIgnoreCase))),
            _first.Describe);
        _first.KillAgent();
        Assert.Equal(_before, _first.Datapath());
    }

    private void StartEtcd(string name, int port, params string[] arguments)
    {
        string scheme = arguments.Contains("--cert-file") ? "https" : "http";
        RunningCommand etcd = _first.Start(
        [
            "etcd", "--name", name, "--data-dir", $"{_cluster.Sandbox.Directory}/etcd-{name}",
            "--listen-client-urls", $"{scheme}://{Host}:{port},{scheme}://[2001:db8::1]:{port}",
            "--advertise-client-urls", $"{scheme}://{Host}:{port}",
            "--listen-peer-urls", $"http://127.0.0.1:{port + 100}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{port + 100}",
            "--initial-cluster", $"{name}=http://127.0.0.1:{port + 100}",
            "--unsafe-no-fsync", "--heartbeat-interval", "50", "--election-timeout", "500", .. arguments,
        ]);
        ClusterSandbox.Until(
            $"etcd {name} listens",
            () => _first.Run("ss", "-Hltn", $"sport = :{port}").Length > 0,
            () => etcd.HasExited ? "it has ended" : "it runs");
    }

    private void Etcdctl(params string[] arguments) => _ = _first.Run(
        ["env", "ETCDCTL_API=3", "etcdctl", $"--endpoints={_cluster.Etcd.Endpoints[0]}", .. arguments]);
}
