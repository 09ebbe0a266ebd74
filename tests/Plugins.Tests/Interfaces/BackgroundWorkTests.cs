using Plugins.Interfaces;

namespace Plugins.Tests.Interfaces;

public sealed class BackgroundWorkTests
{
    [Fact]
    public void Join_gives_the_result_as_often_as_asked()
    {
        BackgroundWork<int> work = BackgroundWork<int>.Start(() => 7);
        Assert.Equal(7, work.Join());
        Assert.Equal(7, work.Join());
        Assert.True(work.Wait());
    }

    [Fact]
    public void Work_runs_beside_its_caller()
    {
        using ManualResetEventSlim started = new(), released = new();
        BackgroundWork<int> work = BackgroundWork<int>.Start(() =>
        {
            started.Set();
            released.Wait();
            return Environment.CurrentManagedThreadId;
        });
        started.Wait();
        released.Set();
        Assert.NotEqual(Environment.CurrentManagedThreadId, work.Join());
    }

    [Fact]
    public void Failure_comes_out_as_it_was_as_often_as_asked()
    {
        IOException failure = new("no");
        BackgroundWork<int> work = BackgroundWork<int>.Start(() => throw failure);
        Assert.False(work.Wait());
        Assert.Same(failure, Assert.Throws<IOException>(() => work.Join()));
        Assert.Same(failure, Assert.Throws<IOException>(() => work.Join()));
    }
}
