using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>Nodes that etcd confines to their own keys, as <c>cnictl etcd roles</c> says.</summary>
public sealed class EtcdRoleTests : IDisposable
{
    private readonly ClusterSandbox _cluster = ClusterSandbox.Start(hosts: 2);
    private readonly ClusterHost _first;
    private readonly ClusterHost _second;

    public EtcdRoleTests() => (_first, _second) = (_cluster.Hosts[0], _cluster.Hosts[1]);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Node_of_such_a_role_does_its_work_and_cannot_write_what_is_anothers()
    {
        string commands = _first.Ctl("etcd", "roles", "host1", "host2", "--administrator", "host1", "--passwords")
            .Expect(exitCode: 0).Output;
        // Where it would ask a person.
        commands = commands.Replace("user add host1", "user add host1:secret", StringComparison.Ordinal)
            .Replace("user add host2", "user add host2:secret", StringComparison.Ordinal);
        _ = _first.Script(
            $"""
            export ETCDCTL_API=3 ETCDCTL_ENDPOINTS={_cluster.Etcd.Endpoints[0]}
            {commands}
            etcdctl user add root:secret
            etcdctl user grant-role root root
            etcdctl auth enable
            """);
        string password = _cluster.Sandbox.WriteFile("password", "secret\n");
        foreach (ClusterHost host in _cluster.Hosts)
        {
            host.KillAgent();
            host.StartAgent(options: ["--user", host.Name, "--password-file", password]);
        }
        _cluster.WaitUntilAllIsWell();

        string refused = _second.Ctl("network", "create", "pods", "--pool", "10.244.0.0/16").Expect(exitCode: 1).Error;
        Assert.Contains("permission denied", refused, StringComparison.Ordinal);
        Assert.Contains("its roles", refused, StringComparison.Ordinal);
        _cluster.CreatePods("vxlan");
        Pod one = _first.Attach("one"), two = _second.Attach("two");
        ClusterSandbox.Until("pods reach each other", () => one.Reaches(two.Address()), _first.Describe);
        _ = _first.Ctl("reserve", Reservable(two.Address())).Expect(exitCode: 0);

        Assert.Equal(0, Put("host2", "/cniplugin/default/n/host2/test"));
        Assert.NotEqual(0, Put("host2", "/cniplugin/default/n/host1/node"));
        Assert.NotEqual(0, Put("host2", "/cniplugin/default/networks/pods"));
        Assert.NotEqual(0, Put("host2", "/cniplugin/default/reservations/pods/10.244.0.9"));
        Assert.NotEqual(0, Put("host2", "/cniplugin/other/n/host2/node"));
        Assert.Equal(0, Put("host1", "/cniplugin/default/networks/none"));
    }

    [Fact]
    public void Name_that_is_none_is_refused() => Assert.Contains(
        "\"a/b\" is no name", _first.Ctl("etcd", "roles", "a/b").Expect(exitCode: 1).Error, StringComparison.Ordinal);

    /// <summary>Far from those that host-local gives next.</summary>
    private static string Reservable(string address)
    {
        int last = int.Parse(address.Split('.')[3]);
        return $"{address[..address.LastIndexOf('.')]}.{(last | 63) - 1}";
    }

    private int Put(string user, string key) => _first.TryRun(
        "env", "ETCDCTL_API=3", "etcdctl", $"--endpoints={_cluster.Etcd.Endpoints[0]}", "--user", $"{user}:secret", "put", key, "{}")
        .ExitCode;
}
