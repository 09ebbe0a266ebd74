namespace Dhcp.Client;

/// <summary>
/// The pauses between rounds in which no server gave an address: four of 2 s, then 8, 16, 32 … until the limit is reached, each up to a
/// second more or less, lest the pods of a node ask in step.
/// </summary>
/// <param name="limit">The pauses do not grow beyond the first that is as long (<c>-resendmax</c>).</param>
internal sealed class RetryDelays(TimeSpan limit)
{
    private const int ShortPauses = 4;
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(8);

    private int _count;
    private TimeSpan _growing = s_long;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = s_short;
        if (_count++ >= ShortPauses)
        {
            pause = _growing;
            if (_growing < limit)
                _growing *= 2;
        }
        return pause + TimeSpan.FromSeconds((Random.Shared.NextDouble() * 2) - 1);
    }
}
