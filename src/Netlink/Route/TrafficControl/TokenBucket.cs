namespace Netlink.Route.TrafficControl;

/// <summary>How fast a <c>tbf</c> lets packets go.</summary>
public sealed record TokenBucket
{
    /// <summary>rate, or TCA_TBF_RATE64 where 32 bits are not enough: bytes in a second.</summary>
    public required ulong Rate { get; init; }

    /// <summary>limit: bytes that may wait.</summary>
    public required uint Limit { get; init; }

    /// <summary>
    /// buffer: the size of the bucket, as the time that it lasts at the rate, in ticks (<see cref="Linux.Kernel.PacketSchedulerClock"/>).
    /// </summary>
    public required uint Buffer { get; init; }
}
