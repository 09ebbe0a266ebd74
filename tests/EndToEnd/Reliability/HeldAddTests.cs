using System.Text.RegularExpressions;
using EndToEnd.Conformance;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>
/// An ADD that is held at the entry of any of its system calls, on a range of one address, while another ADD runs to its end or waits for
/// it: one of both has the address, whole, and the other is refused. The other one is another pod's, or the same key's once more. Every
/// third pair are the network's first on this host: nothing of it is there.
/// </summary>
public sealed partial class HeldAddTests
{
    private const int Bounded = 25;
    private const int Cases = 4;
    private const string Address = "10.32.0.10";
    private const int TryAgainLater = 11;
    private const int Exhausted = 102;
    private const int Duplicate = 103;

    // Whoever has not ended then waits for the held one. It decides when that goes on, and nothing else. The longer one, which every fourth
    // instant has, is more than the second after which an ADD of a key that is being added gives up.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300), s_longPatience = TimeSpan.FromMilliseconds(1500);

    [Theory]
    [InlineData("bridge")]
    [InlineData("ptp")]
    [InlineData("macvlan")]
    [InlineData("host-local")]
    public void One_of_two_ADDs_has_the_only_address_wherever_the_first_is_held(string kind)
    {
        using KillNetwork network = new(kind, Address);
        using Caller first = Caller.Start(network.Sandbox, network.Program), second = Caller.Start(network.Sandbox, network.Program);
        Rounds rounds = new(network, network.Calls(first, 0), network.Calls(second, 1));
        // The first makes what all share; who waits for a lock asks again and again.
        long length = Enumerable.Range(0, 6).Select(_ => rounds.Measure()).Skip(1).Order().ElementAt(2);
        HostSnapshot before = HostSnapshot.Of(network.Sandbox);

        (long SystemCall, bool IsSameKey)[] instants =
        [
            .. Enumerable.Range(1, (int)length).SelectMany(at => new[] { ((long)at, true), (at, false) }),
        ];
        new Random(Effort.Seed).Shuffle(instants);
        foreach ((long systemCall, bool isSameKey) in instants.Take(Effort.PerCase(Bounded, Cases)))
            rounds.Run(systemCall, isSameKey);

        // The bridge itself was made anew.
        rounds.Failures.AddRange(HostSnapshot.Of(network.Sandbox).DifferencesFrom(before)
            .Where(static left => !BridgeItself().IsMatch(left)).Select(static left => $"left: {left}"));
        Report.End(
            $"held {kind}: {rounds.Held} ADDs at {rounds.Instants.Count} of {length} instants, {rounds.Waited} waited for, "
            + $"{rounds.Overtaken} overtaken",
            rounds.Failures);
    }

    [GeneratedRegex(@"^[+-] (link|address) \d+: cni0\b")]
    private static partial Regex BridgeItself();

    private sealed class Rounds(KillNetwork network, ChainCalls first, ChainCalls second)
    {
        private readonly Pod _pod = Pod.Create(network.Sandbox, "held"), _other = Pod.Create(network.Sandbox, "other");
        private int _round;

        public List<string> Failures { get; } = [];

        /// <summary>How many ADDs were held: one can end before its instant.</summary>
        public int Held { get; private set; }

        /// <summary>Where they were.</summary>
        public HashSet<long> Instants { get; } = [];

        /// <summary>How often the second ADD ended after the first was let go.</summary>
        public int Waited { get; private set; }

        /// <summary>How often it took the address.</summary>
        public int Overtaken { get; private set; }

        /// <summary>Counts the system calls of an ADD.</summary>
        public long Measure()
        {
            CallResult added = first.Add(_pod, new ChainCalls.Instant(0, 0));
            long length = first.Counted;
            Assert.True(added.HasSucceeded && first.Delete(_pod, added.Output).HasSucceeded, added.ToString());
            return length;
        }

        public void Run(long systemCall, bool isSameKey)
        {
            if (_round % 3 == 0)
                network.Forget();
            Pod one = new(network.Sandbox, $"held-{++_round}", _pod.Netns);
            Pod two = isSameKey ? one : new(network.Sandbox, $"other-{_round}", _other.Netns);
            string about = $"held at system call {systemCall}, {(isSameKey ? "the same key" : "another pod")}";
            CallResult? b = null;
            Thread thread = new(() => b = second.Add(two));
            bool hasEnded = false;
            CallResult a = first.Add(one, new ChainCalls.Instant(0, systemCall, () =>
            {
                thread.Start();
                hasEnded = thread.Join(isSameKey && systemCall % 4 == 0 ? s_longPatience : s_patience);
            }));
            if (thread.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                Expect(a.HasSucceeded, $"not {about}: {a}");
                Delete(one, a, about);
                return;
            }
            thread.Join();
            Held++;
            _ = Instants.Add(systemCall);
            Waited += hasEnded ? 0 : 1;

            Expect(a.HasSucceeded != b!.HasSucceeded || (a.Code == TryAgainLater && b.Code == TryAgainLater), $"{about}: {a}; {b}");
            Judge(one, a, isSameKey, about);
            Judge(two, b, isSameKey, about);
            (Pod Pod, CallResult Result)? winner = a.HasSucceeded ? (one, a) : b.HasSucceeded ? (two, b) : null;
            Overtaken += b.HasSucceeded ? 1 : 0;
            string[] leases = winner is null ? [] : [$"{Address} {winner.Value.Pod.ContainerId} {one.InterfaceName}"];
            Expect(network.Leases.Held().SequenceEqual(leases), $"{about}: leases {string.Join(", ", network.Leases.Held())} of {a}; {b}");
            if (winner is { } holder)
            {
                CallResult check = first.Check(holder.Pod, holder.Result.Output);
                Expect(check.HasSucceeded, $"{about}: CHECK of {holder.Pod.ContainerId}: {check}, after {a}; {b}");
            }
            Delete(one, a.HasSucceeded || !isSameKey ? a : b, about);
            Delete(two, b, about);
            Expect(network.Leases.Held().Count == 0, $"{about}: left: {string.Join(", ", network.Leases.Held())}");
        }

        private void Judge(Pod pod, CallResult added, bool isSameKey, string about)
        {
            bool isRight = added.HasSucceeded
                ? added.Addresses is [Address]
                : added.Code is Exhausted or TryAgainLater || (isSameKey && added.Code == Duplicate);
            Expect(isRight, $"{about}: ADD of {pod.ContainerId}: {added}");
        }

        private void Delete(Pod pod, CallResult added, string about)
        {
            CallResult deleted = first.Delete(pod, added.HasSucceeded ? added.Output : null);
            Expect(deleted is { HasSucceeded: true, Output.Length: 0, Error.Length: 0 }, $"{about}: DEL of {pod.ContainerId}: {deleted}");
        }

        private void Expect(bool isSo, string failure)
        {
            if (!isSo)
                Failures.Add(failure);
        }
    }
}
