using Datapath.Reconciliation;

namespace Datapath.Tests.Reconciliation;

public sealed class ReconcileLoopTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _began = new(0);
    private readonly SemaphoreSlim _mayEnd = new(0);
    private volatile bool _isWhole = true;

    [Fact]
    public void Triggers_during_a_look_are_one_more_look()
    {
        using ReconcileLoop loop = new(new ReconcileTimes { Interval = Long, Pause = TimeSpan.Zero });
        Thread thread = Start(loop);
        Assert.False(_began.Wait(TimeSpan.Zero), "it looks without having been asked");
        loop.Trigger();
        Assert.True(_began.Wait(Long));
        for (int i = 0; i < 1000; i++)
            loop.Trigger();
        _ = _mayEnd.Release();
        Assert.True(_began.Wait(Long));
        _ = _mayEnd.Release();
        Stop(thread);
        Assert.Equal(0, _began.CurrentCount);
    }

    [Fact]
    public void After_a_failure_it_looks_again_by_itself_until_all_is_whole()
    {
        using ReconcileLoop loop = new(
            new ReconcileTimes { Interval = Long, Pause = TimeSpan.Zero, Retry = TimeSpan.FromMilliseconds(1) });
        Thread thread = Start(loop);
        _isWhole = false;
        loop.Trigger();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(_began.Wait(Long));
            _isWhole = i == 3;
            _ = _mayEnd.Release();
            if (i == 3)
                break;
        }
        Stop(thread);
        Assert.Equal(0, _began.CurrentCount);
    }

    [Fact]
    public void The_slow_timer_looks_without_a_trigger()
    {
        using ReconcileLoop loop = new(new ReconcileTimes { Interval = TimeSpan.FromMilliseconds(1), Pause = TimeSpan.Zero });
        Thread thread = Start(loop);
        loop.Trigger();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_began.Wait(Long));
            _ = _mayEnd.Release();
        }
        _ = _mayEnd.Release(100);
        Stop(thread);
    }

    [Fact]
    public void It_ends_while_it_waits()
    {
        using ReconcileLoop loop = new(new ReconcileTimes());
        Stop(Start(loop));
    }

    public void Dispose()
    {
        _stop.Dispose();
        _began.Dispose();
        _mayEnd.Dispose();
    }

    private Thread Start(ReconcileLoop loop)
    {
        Thread thread = new(() => loop.Run(
            () =>
            {
                _ = _began.Release();
                return _mayEnd.Wait(Long) && _isWhole;
            },
            _stop.Token));
        thread.Start();
        return thread;
    }

    private void Stop(Thread thread)
    {
        _stop.Cancel();
        Assert.True(thread.Join(Long), "it does not end");
    }
}
