using System.Net;
using Agent.Configuration;
using Agent.Overlay;
using Agent.Tests.Networks;
using Cluster.Local;
using Cluster.Objects;
using Cluster.Store;
using Linux.Files;
using Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;
using TestKit;

namespace Agent.Tests;

/// <summary>The parts together, on a store of one host and a host that is a namespace.</summary>
public sealed class NodeAgentTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("node-agent-");
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(2));
    private readonly NetworkNamespace _host = NetworkNamespace.Create();
    private LocalStore _store = null!;

    private CancellationToken Cancel => _end.Token;

    public ValueTask InitializeAsync()
    {
        _store = LocalStore.Open($"{_directory}/store.db");
        _ = NodeProgram.Run(_host, """
            ip link set lo up
            ip link add eth0 type bridge
            ip link set eth0 up
            ip address add 192.0.2.1/24 dev eth0
            """);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _host.Dispose();
        _end.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_pod_that_comes_is_seen_at_once()
    {
        StoreKeys keys = new("test");
        // A block of one address is busy as soon as a pod has it.
        Network pods = new()
        {
            Metadata = new ObjectMeta { Name = "pods" },
            Spec = new NetworkSpec { Pools = ["10.244.0.0/24"], IPv4BlockLength = 32 },
        };
        long start = (await _store.CommitAsync(new StoreTransaction().Put(keys.Network("pods"), ObjectJson.Write(pods)), Cancel))!.Value;
        AgentOptions options = new()
        {
            Cluster = "test",
            Node = "node1",
            Addresses = [IPAddress.Parse("192.0.2.1")],
            Version = "0",
            RuntimeDirectory = $"{_directory}/run",
            StateDirectory = $"{_directory}/lib",
            NetworkDirectory = $"{_directory}/net.d",
            LeaseDirectory = $"{_directory}/leases",
            EndpointDirectory = $"{_directory}/run/endpoints",
        };
        using OverlayDatapath overlay = OverlayDatapath.Open(
            new OverlaySettings { Cluster = "test", Node = "node1", Addresses = options.Addresses }, _host);
        // Nothing but the pod gives a reason to look.
        using NodeAgent agent = new(options, _store, overlay, NullLoggerFactory.Instance) { Period = TimeSpan.FromHours(1) };
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task running = agent.RunAsync(stop.Token);
        List<StoreChange> claims = [];
        await foreach (IReadOnlyList<StoreChange> batch in _store.WatchAsync(keys.Blocks("pods"), start, Cancel))
        {
            claims.AddRange(batch);
            if (claims.Count == 1 && batch.Count == 1)
            {
                new TestLeases($"{_directory}", "10.244.0.0/24").Take(keys.BlockOf("pods", claims[0].Key)!.Value, 1);
                AtomicFile.Write($"{options.EndpointDirectory}/pod.json", "{}"u8);
            }
            if (claims.Count == 2)
                break;
        }
        Assert.True(agent.View.IsFilled);
        await stop.CancelAsync();
        await running;
    }
}
