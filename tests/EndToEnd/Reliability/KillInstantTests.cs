using System.Collections.Concurrent;
using EndToEnd.Conformance;
using EndToEnd.Hostile;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>
/// SIGKILL at the entry of any system call of ADD and DEL: the next call of the key leaves nothing, and no address is held twice. Where
/// <see cref="KillTests"/> hits moments, this hits instants: a seed names each of them.
/// </summary>
public sealed class KillInstantTests
{
    private const int Bounded = 150;
    private const int Cases = 8;
    private const int Workers = 2;
    private const int Batch = 100;

    [Theory]
    [InlineData("bridge", "ADD")]
    [InlineData("bridge", "DEL")]
    [InlineData("ptp", "ADD")]
    [InlineData("ptp", "DEL")]
    [InlineData("macvlan", "ADD")]
    [InlineData("macvlan", "DEL")]
    [InlineData("chain", "ADD")]
    [InlineData("chain", "DEL")]
    public void Nothing_is_left_of_a_call_killed_at_any_system_call_after_the_next_call(string kind, string verb)
    {
        using KillNetwork network = new(kind);
        int kills = Effort.PerCase(Bounded, Cases);
        ConcurrentDictionary<string, string> holders = [];
        ConcurrentQueue<string> failures = [];
        Lane[] lanes = [.. Enumerable.Range(0, Workers).Select(number => new Lane(network, verb, number, holders, failures))];
        try
        {
            Pod bystander = Pod.Create(network.Sandbox, "bystander");
            using (Caller caller = Caller.Start(network.Sandbox, network.Program))
            {
                CallResult stays = network.Calls(caller, Workers).Add(bystander);
                Assert.True(stays.HasSucceeded, stays.ToString());
                holders[Assert.Single(stays.Addresses)] = bystander.ContainerId;
            }
            foreach (Lane lane in lanes)
                lane.Measure();

            int done = 0;
            while (done < kills)
            {
                HostSnapshot before = HostSnapshot.Of(network.Sandbox);
                int part = Math.Min(Batch, kills - done);
                Thread[] threads = [.. lanes.Select((lane, number) => new Thread(() => lane.Kill((part + number) / Workers)))];
                foreach (Thread thread in threads)
                    thread.Start();
                foreach (Thread thread in threads)
                    thread.Join();
                done += part;
                IEnumerable<string> leases = network.Leases.Held().Except([LeaseFiles.Line(bystander)]);
                foreach (string left in HostSnapshot.Of(network.Sandbox).DifferencesFrom(before).Concat(leases))
                    failures.Enqueue($"left after {done} kills: {left}");
            }
        }
        finally
        {
            foreach (Lane lane in lanes)
                lane.Dispose();
        }

        Report.End($"kills {kind} {verb}: {kills} at {lanes[0].SystemCalls} instants", failures);
    }

    /// <summary>One worker: a pod whose attachments come and go under a new container ID each.</summary>
    private sealed class Lane(
        KillNetwork network, string verb, int number, ConcurrentDictionary<string, string> holders, ConcurrentQueue<string> failures)
        : IDisposable
    {
        private readonly Caller _caller = Caller.Start(network.Sandbox, network.Program);
        private readonly Random _random = new(HashCode(network.Kind, verb) + Effort.Seed + number);
        private readonly Pod _pod = Pod.Create(network.Sandbox, $"lane{number}");
        private long[] _lengths = [];
        private int _round;

        public ChainCalls Calls => field ??= network.Calls(_caller, number);

        public long SystemCalls => _lengths.Sum();

        public void Dispose() => _caller.Dispose();

        /// <summary>Counts the system calls of each plugin of the chain.</summary>
        // The median: who waits for a lock asks again and again.
        public void Measure() =>
            _lengths =
            [
                .. Enumerable.Range(0, Calls.Count)
                    .Select(index => new[] { Length(index), Length(index), Length(index) }.Order().ElementAt(1)),
            ];

        /// <summary>Kills so many calls; one that ends before its instant does not count.</summary>
        public void Kill(int kills)
        {
            try
            {
                for (int attempts = 0; kills > 0 && attempts < 20 * (kills + 10); attempts++)
                {
                    if (Round())
                        kills--;
                }
                if (kills > 0)
                    failures.Enqueue($"lane {number}: {kills} kills did not hit");
            }
            catch (Exception failure)
            {
                failures.Enqueue($"lane {number}, round {_round}: {failure}");
            }
        }

        private bool Round()
        {
            Pod pod = new(network.Sandbox, $"lane{number}-{++_round}", _pod.Netns);
            ChainCalls.Instant instant = NextInstant();
            string about = $"{pod.ContainerId}, killed in plugin {instant.Index} at system call {instant.SystemCall}";
            CallResult killed;
            string? kept = null;
            if (verb == "ADD")
            {
                killed = Calls.Add(pod, instant);
                if (killed.HasSucceeded)
                    kept = killed.Output;
            }
            else
            {
                CallResult added = Calls.Add(pod);
                if (!added.HasSucceeded)
                {
                    failures.Enqueue($"{about}: ADD before it: {added}");
                    _ = Calls.Delete(pod, null);
                    return false;
                }
                Hold(added, about);
                kept = added.Output;
                Free(added);
                killed = Calls.Delete(pod, kept, instant);
            }

            // A runtime may also try the key anew: what the killed call left must not hide behind what the new one makes.
            if (killed.WasKilled && _random.Next(4) == 0)
                kept = Repeat(pod, about) ?? kept;
            CallResult deleted = Calls.Delete(pod, kept);
            if (!deleted.HasSucceeded || deleted.Output.Length > 0)
                failures.Enqueue($"{about}: DEL after it: {deleted}");
            if (!killed.WasKilled && !killed.HasSucceeded)
                failures.Enqueue($"{about}: {killed}");
            return killed.WasKilled;
        }

        // What was killed may have come so far that its key is taken; but a plugin never fails for a reason that it does not know.
        private string? Repeat(Pod pod, string about)
        {
            CallResult again = Calls.Add(pod);
            if (!again.HasSucceeded)
            {
                if (again.Code is null or 100)
                    failures.Enqueue($"{about}: ADD again: {again}");
                return null;
            }
            Hold(again, about);
            Free(again);
            return again.Output;
        }

        // Between its ADD and its DEL an address is the pod's alone.
        private void Hold(CallResult added, string about)
        {
            foreach (string address in added.Addresses.Where(address => !holders.TryAdd(address, about)))
                failures.Enqueue($"{about}: {address} is held by {holders[address]}, too");
        }

        private void Free(CallResult added)
        {
            foreach (string address in added.Addresses)
                _ = holders.TryRemove(address, out _);
        }

        private ChainCalls.Instant NextInstant()
        {
            long at = _random.NextInt64(_lengths.Sum());
            int index = 0;
            for (; at >= _lengths[index]; index++)
                at -= _lengths[index];
            return new ChainCalls.Instant(index, at + 1);
        }

        private long Length(int index)
        {
            Pod pod = new(network.Sandbox, $"lane{number}-measured{index}", _pod.Netns);
            ChainCalls.Instant count = new(index, 0);
            CallResult added = Calls.Add(pod, verb == "ADD" ? count : null);
            CallResult deleted = Calls.Delete(pod, added.Output, verb == "DEL" ? count : null);
            Assert.True(added.HasSucceeded && deleted.HasSucceeded && Calls.Counted > 0, $"{added} {deleted}");
            return Calls.Counted;
        }
    }

    // The same in every process, which String.GetHashCode is not.
    private static int HashCode(params IEnumerable<string> texts) =>
        texts.SelectMany(static text => text).Aggregate(17, static (hash, letter) => (31 * hash) + letter);
}
