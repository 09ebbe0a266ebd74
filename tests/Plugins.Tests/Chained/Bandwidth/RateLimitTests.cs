using Netlink.Route.TrafficControl;
using Plugins.Chained.Bandwidth;

namespace Plugins.Tests.Chained.Bandwidth;

public sealed class RateLimitTests
{
    // What Debian's containernetworking-plugins 1.1.1 sent, under strace.
    [Theory]
    [InlineData(125_000UL, 100_000U, 103_125U, 12_500_000U)]
    [InlineData(5_000_000_000UL, 1_000_000U, 126_000_000U, 3125U)]
    [InlineData(1UL, 1U, 1U, 15_625_000U)]
    public void The_token_bucket_is_the_references(ulong rate, uint burst, uint limit, uint buffer)
    {
        RateLimit wanted = new(rate, burst, ticksPerMicrosecond: 15.625);
        Assert.Equal(new TokenBucket { Rate = rate, Limit = limit, Buffer = buffer }, wanted.Bucket);
        Assert.True(wanted.HoldsAByte);
        Assert.True(wanted.Matches(wanted.Bucket));
        Assert.False(wanted.Matches(wanted.Bucket with { Rate = rate + 1 }));
        Assert.False(wanted.Matches(wanted.Bucket with { Limit = limit + 1 }));
        Assert.False(wanted.Matches(wanted.Bucket with { Buffer = buffer + 1 }));
    }

    // CRI-O's burst of 34359738359 bits at 10 Mbit/s: tc shows a limit of 31248 bytes for the reference's.
    [Fact]
    public void What_needs_more_than_32_bits_is_as_large_as_they_allow()
    {
        RateLimit wanted = new(1_250_000, 4_294_967_294, ticksPerMicrosecond: 15.625);
        Assert.Equal(new TokenBucket { Rate = 1_250_000, Limit = uint.MaxValue, Buffer = uint.MaxValue }, wanted.Bucket);
        Assert.True(wanted.Matches(new TokenBucket { Rate = 1_250_000, Limit = 31_248, Buffer = 2_147_483_619 }));
        Assert.False(wanted.Matches(new TokenBucket { Rate = 1_250_000, Limit = 31_248, Buffer = uint.MaxValue }));
    }

    [Theory]
    [InlineData(10UL, 0U)]
    [InlineData(1_000_000UL, 1U)]
    [InlineData(50_000_000_000UL, 1U)]
    public void A_bucket_that_the_kernel_takes_for_empty_is_known(ulong rate, uint burst) =>
        Assert.False(new RateLimit(rate, burst, ticksPerMicrosecond: 15.625).HoldsAByte);
}
