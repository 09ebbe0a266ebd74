using System.Diagnostics;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests.Store;

/// <summary>Every call to the kernel that changes the store fails once, in a process of its own.</summary>
public class FailingCallTests
{
    private const string Set = "10.0.0.0/20";

    /// <summary>An ADD that needs the database, since the plan has ended: it writes filter, journal, log and data.</summary>
    [Theory]
    [InlineData("pwrite64", "EIO")]
    [InlineData("pwrite64", "ENOSPC")]
    [InlineData("ftruncate", "EIO")]
    [InlineData("rename", "EIO")]
    public void Add_that_answers_an_error_holds_nothing(string call, string errno)
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/strace"), "strace is not installed");
        using TestNetwork network = new();
        for (int i = 0; i <= AddressPlan.MaxLength; i++)
            _ = network.Add($"id{i}", Set);
        Dictionary<string, byte[]> state = Directory.GetFiles(network.StoreDirectory, "leases-*")
            .ToDictionary(file => file, File.ReadAllBytes);
        bool isThrough = false;
        int failures = 0;
        for (int at = 1; !isThrough; at++)
        {
            using Process worker = Worker.Start(
                network, "faulty", 1, releases: false,
                "strace",
                "-f",
                "-qq",
                "-e",
                $"trace={call}",
                "-e",
                $"inject={call}:error={errno}:when={at}",
                "-o",
                $"{network.WitnessDirectory}.trace");
            string answer = worker.StandardOutput.ReadToEnd();
            worker.WaitForExit();
            isThrough = !File.ReadAllText($"{network.WitnessDirectory}.trace").Contains("(INJECTED)", StringComparison.Ordinal);
            string? held = network.Store.Find(Key("faulty-0")) is { } lease ? $"+ faulty-0 {lease.Addresses[0].Address}\n" : null;
            if (held is null)
                failures++;
            Assert.True(
                held is null ? answer.StartsWith("! faulty-0 StoreBroken", StringComparison.Ordinal) : answer == held,
                $"{call} {at}: {answer}, held: {held}");
            Assert.Equal(AddressPlan.MaxLength + 1 + (held is null ? 0 : 1), network.Store.List().Count);
            Assert.Empty(network.Store.Verify());
            foreach (string file in Directory.GetFiles(network.StoreDirectory, "leases-*"))
                File.Delete(file);
            foreach ((string file, byte[] bytes) in state)
                File.WriteAllBytes(file, bytes);
            Directory.Delete(network.WitnessDirectory, recursive: true);
        }
        Assert.True(failures > 0 || call is "ftruncate" or "rename", "no call failed");
    }
}
