using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Hostile;

/// <summary>Many calls at the same time, as a node that starts sees them.</summary>
public sealed class StormTests : IDisposable
{
    private const int AtATime = 8;

    private readonly HostileNetwork _network = new();

    public void Dispose() => _network.Dispose();

    // checklist.txt, C41.
    [Fact]
    public void Two_hundred_pods_come_and_go_eight_at_a_time()
    {
        const int Count = 200;
        string config = _network.Config();
        IReadOnlyList<Pod> pods = _network.CreatePods("pod", Count);
        PluginResult[] added = new PluginResult[Count];

        Storm(Count, i => added[i] = _network.Plugin.Add("bridge", config, pods[i]).ExpectSuccess());

        string[] addresses = [.. added.Select(HostileNetwork.AddressOf)];
        Assert.Equal(Count, addresses.Distinct().Count());
        AssertOneBridgeAddress();
        Assert.Equal(
            pods.Zip(addresses, (pod, address) => $"{address} {pod.ContainerId} eth0").Order(StringComparer.Ordinal),
            _network.Leases.Held());

        Storm(Count, i => _network.Plugin.Check("bridge", added[i].WithPrevResult(config), pods[i]).ExpectSuccess());
        Storm(Count, i => _network.Plugin.Delete("bridge", added[i].WithPrevResult(config), pods[i]).ExpectSuccess());

        AssertNothingIsLeft();
        foreach (Pod pod in (Pod[])[pods[0], pods[^1]])
            NodeState.Of(_network.Sandbox).AssertNoTraceOf($" {pod.ContainerId} ");
    }

    // The ruleset vanishes under running calls, and two networks share bridge and range of nftables objects.
    [Fact]
    public void Calls_survive_a_flushed_ruleset_and_the_garbage_collection_of_another_network()
    {
        const int Lanes = 8;
        const int Rounds = 12;
        string[] configs =
        [
            _network.Config(from: 10, to: 99, name: "first"),
            _network.Config(from: 100, to: 199, name: "second"),
        ];
        IReadOnlyList<Pod> pods = _network.CreatePods("pod", Lanes);
        Pod bystander = _network.Attach("bystander", _network.Config(from: 200, to: 210, name: "third"));
        string empty = _network.Config(from: 211, to: 220, name: "fourth");
        // The stores are made before the storm: one that is made in it would also find the addresses that pods have just then.
        foreach (string config in configs)
        {
            _ = _network.Plugin.Add("bridge", config, pods[0]).ExpectSuccess();
            _ = _network.Plugin.Delete("bridge", config, pods[0]).ExpectSuccess();
        }
        using CancellationTokenSource done = new();
        Thread vandal = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                _ = _network.Sandbox.Run("nft", "flush", "ruleset");
                _ = _network.Plugin.Run("bridge", "GC", empty).ExpectSuccess();
            }
        });
        vandal.Start();
        try
        {
            Storm(Lanes, i =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    _ = _network.Plugin.Add("bridge", configs[(i + round) % 2], pods[i]).ExpectSuccess();
                    _ = _network.Plugin.Delete("bridge", configs[(i + round) % 2], pods[i]).ExpectSuccess();
                }
            });
        }
        finally
        {
            done.Cancel();
            vandal.Join();
        }

        // The bystander's address was met when their stores were made, and is another network's.
        foreach (string name in (string[])["first", "second"])
            Assert.Equal([], new LeaseFiles(_network.DataDir, name).Held());
        Assert.Equal([LeaseFiles.Line(bystander)], new LeaseFiles(_network.DataDir, "third").Held());
        bystander.AssertReaches(HostileNetwork.Gateway);
        AssertOneBridgeAddress();
        foreach (Pod pod in pods)
            NodeState.Of(_network.Sandbox).AssertNoTraceOf($" {pod.ContainerId} ");
    }

    // A runtime that breaks the rule that GC runs alone: what it names stays all the same.
    [Fact]
    public void Garbage_collection_of_the_same_network_spares_what_it_names_during_other_calls()
    {
        const int Count = 24;
        string config = _network.Config();
        IReadOnlyList<Pod> pods = _network.CreatePods("pod", Count);
        string gc = HostileNetwork.WithValid(config, pods);

        Storm(2 * Count, i => (i % 2 == 0
            ? _network.Plugin.Add("bridge", config, pods[i / 2])
            : _network.Plugin.Run("bridge", "GC", gc)).ExpectSuccess());

        Assert.Equal(pods.Select(LeaseFiles.Line).Order(StringComparer.Ordinal), _network.Leases.Held());
        foreach (Pod pod in pods)
            pod.AssertReaches(HostileNetwork.Gateway);
        _ = _network.Plugin.Run("bridge", "GC", config).ExpectSuccess();
        AssertNothingIsLeft();
    }

    // A full range, on which pods come, go and die without a DEL: nobody is refused but for want of an address, and none is given twice.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_range_gives_no_address_twice_and_refuses_for_no_other_reason(bool masquerade)
    {
        const int Pods = 24;
        const int Addresses = 8;
        const int Calls = 300;
        string config = _network.Config(from: 10, to: 10 + Addresses - 1)
            .Replace("\"ipMasq\": true", masquerade ? "\"ipMasq\": true" : "\"ipMasq\": false", StringComparison.Ordinal);
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        string?[] held = new string?[Pods];
        int[] generation = new int[Pods];
        object[] turns = [.. Enumerable.Range(0, Pods).Select(static _ => new object())];
        Pod[] pods = [.. _network.CreatePods("pod", Pods)];

        Storm(Calls, call =>
        {
            Random random = new(seed + call);
            int i = random.Next(Pods);
            lock (turns[i])
            {
                if (held[i] is null)
                {
                    PluginResult added = _network.Plugin.Add("bridge", config, pods[i]);
                    if (added.ExitCode != 0)
                        _ = added.ExpectError(code: 102);
                    else
                        Volatile.Write(ref held[i], HostileNetwork.AddressOf(added));
                }
                else if (random.Next(4) > 0)
                {
                    // Before the DEL, behind which the address is anybody's.
                    Volatile.Write(ref held[i], null);
                    _ = _network.Plugin.Delete("bridge", config, pods[i]).ExpectSuccess();
                }
                else
                {
                    Volatile.Write(ref held[i], null);
                    pods[i].Delete();
                    pods[i] = new Pod(
                        _network.Sandbox, pods[i].ContainerId, Pod.Create(_network.Sandbox, $"pod{i}-{++generation[i]}").Netns);
                }
                string[] all = [.. held.OfType<string>()];
                Assert.Equal(all.Length, all.Distinct().Count());
            }
        });

        foreach ((Pod pod, _) in pods.Zip(held).Where(static entry => entry.Second is not null))
            pod.AssertReaches(HostileNetwork.Gateway);
        foreach (Pod pod in pods)
            _ = _network.Plugin.Delete("bridge", config, pod).ExpectSuccess();
        Assert.Empty(_network.Leases.Held());
        foreach (Pod pod in pods)
            NodeState.Of(_network.Sandbox).AssertNoTraceOf($" {pod.ContainerId} ");
    }

    /// <summary>Runs an action for each number, some at a time; the first failure is the test's.</summary>
    private static void Storm(int count, Action<int> action)
    {
        int next = -1;
        List<Exception> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, AtATime).Select(_ => new Thread(Work))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.Count > 0)
            throw new AggregateException(failures);

        void Work()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var number && number < count)
                    action(number);
            }
            catch (Exception failure)
            {
                lock (failures)
                    failures.Add(failure);
            }
        }
    }

    private void AssertOneBridgeAddress()
    {
        using JsonDocument bridge = JsonDocument.Parse(_network.Sandbox.Run("ip", "-json", "-4", "address", "show", "dev", "cni0"));
        Assert.Equal(1, bridge.RootElement[0].GetProperty("addr_info").GetArrayLength());
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(_network.Leases.Held());
        Assert.DoesNotContain("veth", _network.Sandbox.Run("ip", "-o", "link", "show"), StringComparison.Ordinal);
        Assert.DoesNotContain("comment", _network.Sandbox.Run("nft", "list", "table", "inet", "cniplugin"), StringComparison.Ordinal);
    }
}
