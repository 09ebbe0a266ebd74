namespace Dhcp.Client;

/// <summary>Actions that are due at a time. Whoever owns the queue runs them; nothing here waits.</summary>
/// <param name="now">The time since the kernel's boot.</param>
internal sealed class TimerQueue(Func<TimeSpan> now)
{
    private readonly PriorityQueue<Timer, TimeSpan> _timers = new();

    public TimeSpan Now => now();

    /// <summary>How long until something is due; zero if it is already, null if nothing will be.</summary>
    public TimeSpan? NextDelay
    {
        get
        {
            // Those that were cancelled are dropped when their turn comes.
            while (_timers.TryPeek(out Timer? timer, out _) && timer.Action is null)
                _ = _timers.Dequeue();
            if (!_timers.TryPeek(out _, out TimeSpan due))
                return null;
            TimeSpan delay = due - Now;
            return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        }
    }

    /// <summary>Runs an action once a time has come.</summary>
    /// <returns>What cancels it.</returns>
    public Timer At(TimeSpan due, Action action)
    {
        Timer timer = new(action);
        if (due < TimeSpan.MaxValue)
            _timers.Enqueue(timer, due);
        return timer;
    }

    /// <summary>Runs an action once some time has passed.</summary>
    /// <returns>What cancels it.</returns>
    public Timer After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Runs what is due.</summary>
    public void RunDue()
    {
        while (NextDelay == TimeSpan.Zero)
        {
            Timer timer = _timers.Dequeue();
            Action? action = timer.Action;
            timer.Cancel();
            action?.Invoke();
        }
    }

    /// <summary>An action that waits for its time.</summary>
    internal sealed class Timer(Action action)
    {
        internal Action? Action { get; private set; } = action;

        /// <summary>Keeps it from running; also if it has run.</summary>
        public void Cancel() => Action = null;
    }
}
