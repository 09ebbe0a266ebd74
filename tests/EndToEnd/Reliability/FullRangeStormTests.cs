using System.Diagnostics;
using System.Net;
using EndToEnd.Conformance;
using EndToEnd.Hostile;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>
/// More pods than addresses come and go at the same time: no address is given twice, and nobody is refused while one is free.
/// </summary>
public sealed class FullRangeStormTests
{
    private const int Pods = 60;
    private const int Workers = 16;
    private const int Addresses = 20;
    private const int First = 10;
    private const int Bounded = 1000;
    private const int Exhausted = 102;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_address_is_given_twice_and_no_add_is_refused_while_one_is_free(bool masquerade)
    {
        using HostileNetwork network = new();
        string config = network.Config(from: First, to: First + Addresses - 1);
        if (!masquerade)
            config = config.Replace("\"ipMasq\": true", "\"ipMasq\": false", StringComparison.Ordinal);
        IReadOnlyList<Pod> pods = network.CreatePods("pod", Pods);
        string program = Caller.Compile(network.Sandbox);
        Storm storm = new(pods, Effort.PerCase(Bounded));
        using (Caller first = Caller.Start(network.Sandbox, program))
        {
            // What all share is made before the snapshot.
            ChainCalls calls = new(first, network.Plugin, [("bridge", config)]);
            CallResult added = calls.Add(pods[0]);
            Assert.True(added.HasSucceeded && calls.Delete(pods[0], added.Output).HasSucceeded, added.ToString());
        }
        HostSnapshot before = HostSnapshot.Of(network.Sandbox);

        Thread[] threads = [.. Enumerable.Range(0, Workers).Select(number => new Thread(() =>
        {
            using Caller caller = Caller.Start(network.Sandbox, program);
            storm.Work(new ChainCalls(caller, network.Plugin, [("bridge", config)]), new Random(Effort.Seed + number));
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        IReadOnlyList<string> left = HostSnapshot.Of(network.Sandbox).DifferencesFrom(before);
        List<string> failures = [.. storm.Failures(Addresses), .. left, .. network.Leases.Held()];
        Report.End($"storm {(masquerade ? "with" : "without")} masquerade: {storm.Calls} calls, {storm.Refused} refused", failures);
    }

    /// <summary>What the workers share: who is attached, and when each call began and ended.</summary>
    private sealed class Storm(IReadOnlyList<Pod> pods, int calls)
    {
        private readonly Lock _lock = new();
        private readonly bool[] _isBusy = new bool[pods.Count];
        private readonly Holding?[] _attached = new Holding?[pods.Count];
        private readonly List<Holding> _holdings = [];
        private readonly List<(long From, long To)> _refused = [];
        private readonly List<string> _failures = [];
        private int _begun;

        /// <summary>When an address was surely held, and when it may have been.</summary>
        private sealed record Holding(string Address, string Result, long AddBegan, long AddEnded)
        {
            public long DeleteBegan { get; set; } = long.MaxValue;

            public long DeleteEnded { get; set; } = long.MaxValue;
        }

        public int Calls => calls;

        public int Refused => _refused.Count;

        public void Work(ChainCalls plugins, Random random)
        {
            try
            {
                while (Interlocked.Increment(ref _begun) <= calls)
                    Toggle(plugins, Take(() => random.Next(pods.Count)));
                while (Leftover() is { } pod)
                    Toggle(plugins, pod);
            }
            catch (Exception failure)
            {
                Fail(failure.ToString());
            }
        }

        /// <summary>What went wrong, the history of all calls included.</summary>
        public IEnumerable<string> Failures(int addresses)
        {
            foreach (string failure in _failures)
                yield return failure;
            foreach (IGrouping<string, Holding> of in _holdings.GroupBy(static holding => holding.Address))
            {
                Holding[] inOrder = [.. of.OrderBy(static holding => holding.AddEnded)];
                for (int next = 1; next < inOrder.Length; next++)
                {
                    if (inOrder[next].AddEnded < inOrder[..next].Max(static holding => holding.DeleteBegan))
                        yield return $"{of.Key} was given twice";
                }
            }
            foreach ((long from, long to) in _refused.Where(refusal => MostHeld(refusal.From, refusal.To) < addresses))
                yield return $"an ADD was refused though at most {MostHeld(from, to)} of {addresses} addresses were held at any time of it";
        }

        // The number of holdings changes when an ADD begins or a DEL ends; between those the most is at one of the beginnings.
        private int MostHeld(long from, long to)
        {
            Holding[] within = [.. _holdings.Where(holding => holding.AddBegan <= to && holding.DeleteEnded >= from)];
            return within.Select(static holding => holding.AddBegan).Append(from).Where(at => at >= from)
                .Max(at => within.Count(holding => holding.AddBegan <= at && holding.DeleteEnded >= at));
        }

        private void Toggle(ChainCalls plugins, int pod)
        {
            Holding? holding = _attached[pod];
            long began = Stopwatch.GetTimestamp();
            if (holding is not null)
            {
                holding.DeleteBegan = began;
                CallResult deleted = plugins.Delete(pods[pod], holding.Result);
                holding.DeleteEnded = Stopwatch.GetTimestamp();
                if (!deleted.HasSucceeded || deleted.Output.Length > 0)
                    Fail($"DEL of {pods[pod].ContainerId}: {deleted}");
                Release(pod, null);
                return;
            }

            CallResult added = plugins.Add(pods[pod]);
            long ended = Stopwatch.GetTimestamp();
            if (added.HasSucceeded)
            {
                holding = new Holding(added.Addresses[0], added.Output, began, ended);
                if (!IPAddress.TryParse(holding.Address, out _))
                    Fail($"ADD of {pods[pod].ContainerId}: {added}");
            }
            else if (added.Code != Exhausted)
            {
                Fail($"ADD of {pods[pod].ContainerId}: {added}");
            }
            lock (_lock)
            {
                if (holding is not null)
                    _holdings.Add(holding);
                else
                    _refused.Add((began, ended));
            }
            Release(pod, holding);
        }

        private int Take(Func<int> choose)
        {
            lock (_lock)
            {
                int pod = choose();
                while (_isBusy[pod])
                    pod = choose();
                _isBusy[pod] = true;
                return pod;
            }
        }

        private int? Leftover()
        {
            lock (_lock)
            {
                int pod = Array.FindIndex(_attached, static holding => holding is not null);
                while (pod >= 0 && _isBusy[pod])
                    pod = Array.FindIndex(_attached, pod + 1, static holding => holding is not null);
                if (pod < 0)
                    return null;
                _isBusy[pod] = true;
                return pod;
            }
        }

        private void Release(int pod, Holding? holding)
        {
            lock (_lock)
            {
                _attached[pod] = holding;
                _isBusy[pod] = false;
            }
        }

        private void Fail(string failure)
        {
            lock (_lock)
                _failures.Add(failure);
        }
    }
}
