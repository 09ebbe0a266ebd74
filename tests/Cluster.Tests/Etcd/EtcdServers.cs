using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Cluster.Etcd;
using Cluster.Store;

namespace Cluster.Tests.Etcd;

/// <summary>etcd as Debian ships it: a cluster of one or more members on loopback, with data that go with it.</summary>
internal sealed class EtcdServers : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("etcd-");
    private readonly Process?[] _members;
    private readonly (int Client, int Peer)[] _ports;
    private readonly string[] _arguments;
    private readonly string _scheme;

    private EtcdServers(int count, string scheme, string[] arguments)
    {
        _members = new Process?[count];
        _ports = [.. Enumerable.Range(0, count).Select(static _ => (FreePort(), FreePort()))];
        (_scheme, _arguments) = (scheme, arguments);
    }

    /// <summary>Where the members serve.</summary>
    public IReadOnlyList<Uri> Endpoints => [.. _ports.Select(port => new Uri($"{_scheme}://127.0.0.1:{port.Client}"))];

    private string InitialCluster =>
        string.Join(',', _ports.Select(static (port, number) => $"m{number}=http://127.0.0.1:{port.Peer}"));

    /// <summary>Starts a cluster and waits until it serves. Without etcd the test skips; where CI is set it fails.</summary>
    /// <param name="count">Members.</param>
    /// <param name="options">How it is reached; its endpoints are filled in. Null for the plainest way.</param>
    /// <param name="arguments">Further arguments of each member.</param>
    public static async Task<EtcdServers> StartAsync(int count = 1, EtcdOptions? options = null, params string[] arguments)
    {
        RaiseLoopback();
        EtcdServers servers = new(count, options?.AuthorityFile is null ? "http" : "https", arguments);
        for (int member = 0; member < count; member++)
            servers.StartMember(member);
        await servers.WaitAsync(options);
        return servers;
    }

    /// <summary>Starts a member that was killed.</summary>
    public void StartMember(int member)
    {
        (int client, int peer) = _ports[member];
        string url = $"{_scheme}://127.0.0.1:{client}";
        ProcessStartInfo start = new(
            "etcd",
            [
                "--name", $"m{member}", "--data-dir", $"{_directory}/m{member}",
                "--listen-client-urls", url, "--advertise-client-urls", url,
                "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
                "--initial-cluster", InitialCluster,
                // A leader is chosen in half a second, and nothing waits for a disk.
                "--heartbeat-interval", "50", "--election-timeout", "500", "--logger", "zap", "--log-level", "error",
                .. _arguments,
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            Process process = Process.Start(start)!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            _members[member] = process;
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("needs etcd-server");
        }
    }

    /// <summary>Kills a member and waits for its end.</summary>
    public async Task KillMemberAsync(int member)
    {
        Process process = _members[member]!;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _members[member] = null;
    }

    /// <summary>Saves a backup.</summary>
    public async Task<string> BackUpAsync()
    {
        string path = $"{_directory}/backup-{Guid.NewGuid():n}";
        _ = await CtlAsync([Endpoints[0]], "snapshot", "save", path);
        return path;
    }

    /// <summary>Kills all members, and starts them with nothing but what is in a backup.</summary>
    public async Task RestoreAsync(string backup)
    {
        for (int member = 0; member < _members.Length; member++)
        {
            await KillMemberAsync(member);
            Directory.Delete($"{_directory}/m{member}", recursive: true);
            _ = await CtlAsync(
                [], "snapshot", "restore", backup, "--data-dir", $"{_directory}/m{member}", "--name", $"m{member}",
                "--initial-cluster", InitialCluster, "--initial-advertise-peer-urls", $"http://127.0.0.1:{_ports[member].Peer}");
        }
        for (int member = 0; member < _members.Length; member++)
            StartMember(member);
    }

    /// <summary>Runs etcdctl; what it prints.</summary>
    public Task<string> CtlAsync(params string[] arguments) => CtlAsync(Endpoints, arguments);

    private static async Task<string> CtlAsync(IReadOnlyList<Uri> endpoints, params string[] arguments)
    {
        ProcessStartInfo start = new(
            "etcdctl", endpoints.Count > 0 ? [$"--endpoints={string.Join(',', endpoints)}", .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"etcdctl {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        for (int member = 0; member < _members.Length; member++)
        {
            if (_members[member] is not null)
                await KillMemberAsync(member);
        }
        _directory.Delete(recursive: true);
    }

    private async Task WaitAsync(EtcdOptions? options)
    {
        await using EtcdStore store = new((options ?? new EtcdOptions { Endpoints = [] }) with { Endpoints = Endpoints });
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                _ = await store.ListAsync("none", late.Token);
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable)
            {
                // It has no event to wait for before it listens.
                await Task.Delay(20, late.Token);
            }
        }
    }

    internal static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // The tests may run in a network namespace of their own, whose loopback interface is down.
    private static void RaiseLoopback()
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", ["link", "set", "dev", "lo", "up"]) { RedirectStandardError = true })!;
        ip.WaitForExit();
    }
}
