using EndToEnd.Hostile;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>
/// SIGKILL at the entry of any system call of an ADD that finds the lease store damaged: whatever the killed call had made of it, the next
/// calls give the free addresses and no other.
/// </summary>
public sealed class RebuildKillTests
{
    private const int Bounded = 40;
    private const int Cases = 60; // six: a tenth of all kills, for each round is many calls
    private const int Living = 5;
    private const int Free = 2;
    private const int First = 10;
    private const int Exhausted = 102;

    // What "moved" pods hold stands in the store alone: it must be damaged where its records can still be read.
    [Theory]
    [InlineData("journal header", true)]
    [InlineData("journal header", false)]
    [InlineData("data header", false)]
    [InlineData("data garbage", false)]
    [InlineData("both removed", false)]
    [InlineData("both garbage", false)]
    public void No_address_of_a_living_pod_is_given_after_a_rebuild_that_was_killed(string damage, bool isMoved)
    {
        using HostileNetwork network = new();
        string config = network.Config(from: First, to: First + Living + Free - 1);
        using Caller caller = Caller.Start(network.Sandbox, Caller.Compile(network.Sandbox));
        ChainCalls calls = new(caller, network.Plugin, [("bridge", config)]);
        Random random = new(Effort.Seed);
        List<string> failures = [];
        IReadOnlyList<Pod> living = network.CreatePods("living", Living), others = network.CreatePods("other", Free + 2);
        HashSet<string> held = [.. living.SelectMany(pod => calls.Add(pod).Addresses)];
        Assert.Equal(Living, held.Count);
        if (isMoved)
        {
            foreach (Pod pod in living)
                _ = pod.Run("ip", "address", "flush", "dev", "eth0");
        }
        string kept = $"{network.DataDir}.kept";
        _ = network.Sandbox.Run("cp", "-a", network.DataDir, kept);

        int kills = Effort.PerCase(Bounded, Cases), done = 0;
        long length = Enumerable.Range(0, 5).Select(_ => Round(0)).Order().ElementAt(2);
        for (int attempts = 0; done < kills && attempts < 20 * (kills + 10); attempts++)
            _ = Round(1 + random.NextInt64(length));

        Report.End($"rebuild kills, {damage}{(isMoved ? ", moved pods" : "")}: {done} at {length} instants", failures);

        long Round(long instant)
        {
            _ = network.Sandbox.Run("sh", "-euc", "rm -rf \"$1\"; cp -a \"$2\" \"$1\"", "sh", network.DataDir, kept);
            Damage(network.Leases, damage, random);
            string about = $"{damage}, killed at system call {instant}";
            CallResult killed = calls.Add(others[0], new ChainCalls.Instant(0, instant));
            done += killed.WasKilled ? 1 : 0;
            if (calls.Delete(others[0], null) is { HasSucceeded: false } deleted)
                failures.Add($"{about}: DEL: {deleted}");
            foreach (Pod other in others.Skip(1))
            {
                CallResult added = calls.Add(other);
                bool isLast = other == others[^1];
                if (other == others[1])
                {
                    string[] lost = [.. held.Except(network.Leases.Held().Select(static line => line.Split(' ')[0]))];
                    if (lost.Length > 0)
                        failures.Add($"{about}: no lease holds {string.Join(", ", lost)} any more");
                }
                if (added.HasSucceeded && added.Addresses.FirstOrDefault(held.Contains) is { } twice)
                    failures.Add($"{about}: {twice} is a living pod's and was given to {other.ContainerId}");
                else if (isLast ? added.Code != Exhausted : !added.HasSucceeded)
                    failures.Add($"{about}: ADD of {other.ContainerId}: {added}");
            }
            foreach (Pod other in others.Skip(1))
                _ = calls.Delete(other, null);
            return killed.Calls;
        }
    }

    private static void Damage(LeaseFiles leases, string damage, Random random)
    {
        string[] files = [.. Directory.EnumerateFiles(leases.Directory, "leases-*")];
        string data = leases.Data;
        string journal = files.Single(static file => Path.GetExtension(file) == ".journal");
        switch (damage)
        {
            case "journal header":
                Change(journal, random.Next(8), 1);
                break;
            case "data header":
                Change(data, random.Next(200), 1);
                break;
            case "data garbage":
                Change(data, 0, int.MaxValue);
                break;
            case "both garbage":
                Change(data, 0, int.MaxValue);
                Change(journal, 0, int.MaxValue);
                break;
            case "both removed":
                foreach (string file in files)
                    File.Delete(file);
                break;
            default:
                throw new ArgumentException(damage);
        }

        void Change(string file, int from, int count)
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int at = from; at < bytes.Length && at - from < count; at++)
                bytes[at] ^= (byte)(1 + random.Next(255));
            File.WriteAllBytes(file, bytes);
        }
    }
}
