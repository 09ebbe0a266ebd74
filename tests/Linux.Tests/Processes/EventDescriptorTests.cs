using Linux.Processes;

namespace Linux.Tests.Processes;

public sealed class EventDescriptorTests
{
    private static bool IsReady(EventDescriptor descriptor, TimeSpan timeout)
    {
        bool[] ready = new bool[1];
        return Readiness.Wait([descriptor.File], ready, timeout) && ready[0];
    }

    [Fact]
    public void It_is_ready_from_raise_to_lower()
    {
        using EventDescriptor descriptor = EventDescriptor.Create();
        Assert.False(IsReady(descriptor, TimeSpan.Zero));
        descriptor.Raise();
        descriptor.Raise();
        Assert.True(IsReady(descriptor, TimeSpan.FromSeconds(10)));
        descriptor.Lower();
        Assert.False(IsReady(descriptor, TimeSpan.Zero));
        descriptor.Lower();
    }

    [Fact]
    public void Another_thread_can_raise_it()
    {
        using EventDescriptor descriptor = EventDescriptor.Create();
        Thread thread = new(descriptor.Raise);
        thread.Start();
        Assert.True(IsReady(descriptor, TimeSpan.FromSeconds(10)));
        thread.Join();
    }
}
