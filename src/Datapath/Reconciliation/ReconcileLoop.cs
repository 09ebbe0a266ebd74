namespace Datapath.Reconciliation;

/// <summary>
/// Reconciles again and again: when it is triggered, by a slow timer, and soon after a failure. Triggers that come while it is busy, or has
/// just been, are one.
/// </summary>
/// <param name="times">When it looks.</param>
public sealed class ReconcileLoop(ReconcileTimes times) : IDisposable
{
    private readonly ManualResetEventSlim _trigger = new();

    /// <summary>Says that something may have changed; any thread may.</summary>
    public void Trigger() => _trigger.Set();

    /// <summary>Runs until it is cancelled; the first time when it is triggered.</summary>
    /// <param name="reconcile">Makes all as wanted; whether it is.</param>
    /// <param name="cancellation">Ends it, between two calls.</param>
    public void Run(Func<bool> reconcile, CancellationToken cancellation)
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan, retry = times.Retry;
        try
        {
            while (true)
            {
                _ = _trigger.Wait(wait, cancellation);
                // Before the look, so that what changes during it is looked at again.
                _trigger.Reset();
                bool isWhole = reconcile();
                wait = isWhole || retry > times.Interval ? times.Interval : retry;
                retry = isWhole ? times.Retry : 2 * wait;
                if (cancellation.WaitHandle.WaitOne(times.Pause))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _trigger.Dispose();
}
