using EndToEnd.Sandbox;
using Linux.Addresses;

namespace EndToEnd.Cluster;

/// <summary>
/// Several hosts, each with network and mount namespaces of its own, on one switch: 192.0.2.1 and 2001:db8::1, and so on. etcd runs on the
/// first or more of them, an agent on each, with the native binaries. All of it is inside a <see cref="RuntimeSandbox"/> and ends with it.
/// </summary>
public sealed class ClusterSandbox : IDisposable
{
    /// <summary>For what is a matter of moments, on a machine that has much to do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ClusterSandbox(RuntimeSandbox sandbox) => Sandbox = sandbox;

    public RuntimeSandbox Sandbox { get; }

    public IReadOnlyList<ClusterHost> Hosts { get; private set; } = [];

    public ClusterEtcd Etcd { get; private set; } = null!;

    /// <summary>Starts hosts, etcd and agents, and waits until each agent says that all is well. Without etcd the test skips.</summary>
    /// <param name="hosts">How many.</param>
    /// <param name="members">Of etcd.</param>
    public static ClusterSandbox Start(int hosts, int members = 1)
    {
        RequireEtcd();
        ClusterSandbox cluster = new(RuntimeSandbox.Start());
        try
        {
            string binaries = CopyAgent(cluster.Sandbox);
            _ = cluster.Sandbox.Run("sh", "-euc", "ip link add switch type bridge && ip link set switch up");
            cluster.Hosts = [.. Enumerable.Range(1, hosts).Select(number => ClusterHost.Start(cluster.Sandbox, binaries, number))];
            cluster.Etcd = new ClusterEtcd(cluster.Sandbox, [.. cluster.Hosts.Take(members)]);
            for (int member = 0; member < members; member++)
                cluster.Etcd.Start(member);
            foreach (ClusterHost host in cluster.Hosts)
            {
                host.Endpoints = cluster.Etcd.Endpoints;
                host.StartAgent();
            }
            cluster.WaitUntilAllIsWell();
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
        return cluster;
    }

    /// <summary>Makes a network and waits until each host has its list, and a route to each block.</summary>
    public void CreateNetwork(string name, params string[] options)
    {
        _ = Hosts[0].Ctl(["network", "create", name, .. options]).Expect(exitCode: 0);
        foreach (ClusterHost host in Hosts)
            Until($"{host.Name} has the list of {name}", () => host.ReadList(name) is not null, host.Describe);
        WaitUntilAllIsWell();
        // Whether a peer's block is known already, no status tells.
        foreach (ClusterHost host in Hosts)
            Until($"{host.Name} has all routes", () => Blocks(host).All(host.Script("ip route; ip -6 route").Contains), host.Describe);
    }

    /// <summary>Both families, on a backend; what most tests want.</summary>
    public void CreatePods(string backend) =>
        CreateNetwork("pods", "--pool", "10.244.0.0/16", "--pool", "fd00:244::/48", "--backend", backend);

    public void WaitUntilAllIsWell()
    {
        foreach (ClusterHost host in Hosts)
            Until($"all is well on {host.Name}", () => host.Status().Contains("\nall is well\n", StringComparison.Ordinal), host.Describe);
    }

    /// <summary>Waits for what no event tells of; fails with what <paramref name="describe"/> says.</summary>
    public static void Until(string what, Func<bool> isSo, Func<string> describe, TimeSpan? patience = null)
    {
        DateTime end = DateTime.UtcNow + (patience ?? Patience);
        while (!isSo())
        {
            if (DateTime.UtcNow > end)
                Assert.Fail($"{what}: not within {patience ?? Patience}. {describe()}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Where CI is set, a test that needs etcd fails without it.</summary>
    public static void RequireEtcd()
    {
        if (!File.Exists("/usr/bin/etcd") && Environment.GetEnvironmentVariable("CI") is null)
            Assert.Skip("needs etcd-server");
    }

    public void Dispose()
    {
        foreach (ClusterHost host in Hosts)
            host.Dispose();
        Sandbox.Dispose();
    }

    private static IEnumerable<string> Blocks(ClusterHost host) => host.Ctl("blocks").Expect(exitCode: 0).Output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1])
        .Select(static block => IpPrefix.TryParse(block, out IpPrefix prefix) && prefix.Length == prefix.MaxLength
            // As ip writes a route to one address.
            ? IpText.Format(prefix.Address)
            : block);

    private static string CopyAgent(RuntimeSandbox sandbox)
    {
        string source = Path.Combine(Environment.GetEnvironmentVariable("CNIPLUGIN_BIN_DIR")!, "cniagent");
        string directory = Directory.CreateDirectory(Path.Combine(sandbox.Directory, "agent")).FullName;
        File.Copy(source, Path.Combine(directory, "cniagent"));
        _ = File.CreateSymbolicLink(Path.Combine(directory, "cnictl"), "cniagent");
        return directory;
    }
}
