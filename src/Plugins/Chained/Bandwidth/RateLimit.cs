using Netlink.Route.TrafficControl;

namespace Plugins.Chained.Bandwidth;

/// <summary>
/// A rate and a burst, and the token bucket that the reference plugin makes of them: a queue that holds what 25 ms at the rate and a
/// whole burst let through.
/// </summary>
internal sealed record RateLimit
{
    private const double MicrosecondsPerSecond = 1e6;
    private const double QueueMicroseconds = 25_000;

    private readonly double _ticksPerMicrosecond;
    private readonly ulong _limit;
    private readonly double _microseconds;

    /// <param name="rate">Bytes in a second.</param>
    /// <param name="burst">Bytes.</param>
    /// <param name="ticksPerMicrosecond">The unit of the kernel's clock.</param>
    public RateLimit(ulong rate, uint burst, double ticksPerMicrosecond)
    {
        _ticksPerMicrosecond = ticksPerMicrosecond;
        _limit = (ulong)(rate * QueueMicroseconds / MicrosecondsPerSecond) + burst;
        _microseconds = Math.Truncate(burst * MicrosecondsPerSecond / rate);
        Burst = burst;
        Bucket = new TokenBucket
        {
            Rate = rate,
            Limit = (uint)Math.Min(_limit, uint.MaxValue),
            Buffer = (uint)Math.Min(_microseconds * ticksPerMicrosecond, uint.MaxValue),
        };
    }

    /// <summary>Bytes that may pass at once.</summary>
    public uint Burst { get; }

    /// <summary>
    /// The kernel's settings. A queue or a bucket too large for its 32 bits is as large as they allow (4 GiB, 274 seconds of the rate);
    /// the reference leaves the upper bits out, which gives bursts of any size and queues of two packets.
    /// </summary>
    public TokenBucket Bucket { get; }

    /// <summary>Whether the bucket is not empty for the kernel, which would refuse it (tbf_change, net/sched/sch_tbf.c).</summary>
    public bool HoldsAByte => Bucket.Buffer / _ticksPerMicrosecond * Bucket.Rate >= MicrosecondsPerSecond;

    /// <summary>Whether a token bucket is this one, or the one that the reference plugin makes of the same configuration.</summary>
    public bool Matches(TokenBucket found) => found == Bucket || found == CutByReference;

    private TokenBucket CutByReference => new()
    {
        Rate = Bucket.Rate,
        Limit = unchecked((uint)_limit),
        Buffer = unchecked((uint)(ulong)(unchecked((uint)(ulong)_microseconds) * _ticksPerMicrosecond)),
    };
}
