using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>A hundred echo requests a second from a pod to an address, until it is asked which were answered.</summary>
public sealed class EndlessPing : IDisposable
{
    private readonly RunningCommand _ping;

    private EndlessPing(RunningCommand ping) => _ping = ping;

    /// <summary>Starts it and waits for the first answers.</summary>
    public static EndlessPing Start(RuntimeSandbox sandbox, Pod from, string address)
    {
        EndlessPing started = new(sandbox.Start(
            ["nsenter", $"--net={from.Netns}", "--", "stdbuf", "-oL", "ping", "-n", "-i", "0.01", address]));
        started.WaitForAnswers(20);
        return started;
    }

    /// <summary>Waits until so many were answered since it began.</summary>
    public void WaitForAnswers(int count) => _ping.WaitForOutput("icmp_seq=", count);

    /// <summary>Ends it and asserts that each request from the first answer to the last was answered, once.</summary>
    public void AssertNothingLost()
    {
        int before = Answers(_ping).Count();
        WaitForAnswers(before + 50);
        _ping.Kill();
        int[] answered = [.. Answers(_ping)];
        Assert.Equal(Enumerable.Range(answered[0], answered.Length), answered);
    }

    public void Dispose() => _ping.Dispose();

    // The last line may be half a line.
    private static IEnumerable<int> Answers(RunningCommand ping) => ping.OutputSoFar.Split('\n')[..^1]
        .Where(static line => line.Contains(" time=", StringComparison.Ordinal))
        .Select(static line => int.Parse(line.Split("icmp_seq=")[1].Split(' ')[0]));
}
