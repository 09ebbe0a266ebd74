using System.Diagnostics;

namespace Ipam.Tests;

/// <summary>Several processes use one store, and some of them are killed.</summary>
public class ProcessTests
{
    [Fact]
    public void Allocations_of_many_processes_are_unique()
    {
        using TestNetwork network = new();
        Process[] workers = [.. Enumerable.Range(0, 4).Select(i => Worker.Start(network, $"w{i}", 50, releases: false))];
        string[] lines = [.. workers.SelectMany(worker => ReadToEnd(worker))];
        Assert.Equal(200, lines.Select(line => line.Split(' ')[2]).Distinct().Count());
        Assert.Equal(200, network.Store.List().Count);
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    public void Allocations_of_many_threads_are_unique()
    {
        using TestNetwork network = new();
        string[] given = new string[200];
        _ = Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => given[i] = network.Add($"id{i}", "10.0.0.0/20"));
        Assert.Equal(200, given.Distinct().Count());
        Assert.Empty(network.Store.Verify());
    }

    [Fact]
    [Trait("Conformance", "C42")]
    public void Killed_processes_leave_whole_leases_and_lose_no_answer()
    {
        using TestNetwork network = new();
        Random random = new(3);
        Dictionary<string, string> held = [];
        for (int round = 0; round < 25; round++)
        {
            using Process worker = Worker.Start(network, $"r{round}", 10_000, releases: true);
            // The worker is killed while it works on the call behind the last answer that was read here, or on one a little later.
            for (int answers = random.Next(1, 12); answers > 0; answers--)
                Apply(worker.StandardOutput.ReadLine()!);
            Thread.SpinWait(random.Next(200_000));
            worker.Kill();
            while (worker.StandardOutput.ReadLine() is { } line)
                Apply(line);
            worker.WaitForExit();

            Assert.Empty(network.Store.Verify());
            Dictionary<string, string> stored = network.Store.List()
                .ToDictionary(lease => lease.Key.ContainerId, lease => lease.Addresses[0].Address.ToString());
            // The one call in flight may have been committed or not; every answer that was given holds.
            int more = stored.Count(pair => !held.ContainsKey(pair.Key));
            int fewer = held.Count(pair => !stored.ContainsKey(pair.Key));
            Assert.True(more + fewer <= 1, $"round {round}: {more} leases more and {fewer} fewer than were answered");
            Assert.All(held.Where(pair => stored.ContainsKey(pair.Key)), pair => Assert.Equal(pair.Value, stored[pair.Key]));
            held = stored;
        }
        Assert.Empty(Directory.GetFiles(network.StoreDirectory, "*damaged*"));

        void Apply(string line)
        {
            string[] parts = line.Split(' ');
            if (parts[0] == "+")
                held.Add(parts[1], parts[2]);
            else
                Assert.True(held.Remove(parts[1]));
        }
    }

    private static string[] ReadToEnd(Process worker)
    {
        string[] lines = worker.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        worker.WaitForExit();
        Assert.Equal(0, worker.ExitCode);
        worker.Dispose();
        return lines;
    }
}
