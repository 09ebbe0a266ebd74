using Linux.Kernel;

namespace Linux.Tests.Kernel;

public sealed class KernelBootTests
{
    [Fact]
    public void The_boot_has_a_number_and_a_time()
    {
        Assert.True(Guid.TryParseExact(KernelBoot.ReadId(), "D", out _));
        DateTimeOffset uptime = DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64);
        Assert.InRange(KernelBoot.ReadTime(), uptime - TimeSpan.FromMinutes(5), DateTimeOffset.UtcNow);
    }
}
