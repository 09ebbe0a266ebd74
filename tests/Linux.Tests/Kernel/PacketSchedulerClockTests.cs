using Linux.Kernel;

namespace Linux.Tests.Kernel;

public sealed class PacketSchedulerClockTests
{
    [Fact]
    public void A_tick_of_this_kernel_is_64_ns() => Assert.Equal(15.625, PacketSchedulerClock.ReadTicksPerMicrosecond());

    [Theory]
    [InlineData("000003e8 00000040 000f4240 3b9aca00\n", 15.625)]
    [InlineData("000003e8 00000400 000f4240 3b9aca00\n", 0.9765625)]
    public void Parse_takes_the_kernels_word(string text, double expected) => Assert.Equal(expected, PacketSchedulerClock.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("000003e8 00000040")]
    [InlineData("000003e8 00000000 000f4240 3b9aca00")]
    [InlineData("what is this")]
    public void Parse_refuses_what_makes_no_sense(string text) => Assert.Throws<LinuxException>(() => PacketSchedulerClock.Parse(text));
}
