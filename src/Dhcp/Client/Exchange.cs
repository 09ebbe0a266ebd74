using Dhcp.Daemon;

namespace Dhcp.Client;

/// <summary>A message that is sent until it is answered: at once, and again after 1, 2, 4, 8 … seconds.</summary>
/// <param name="timers">Where it waits.</param>
/// <param name="send">Sends it; told for how long that has been going on.</param>
internal sealed class Exchange(TimerQueue timers, Action<TimeSpan> send)
{
    private static readonly TimeSpan s_firstInterval = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _began = timers.Now;
    private TimerQueue.Timer? _repetition;
    private TimerQueue.Timer? _end;

    /// <summary>Begins.</summary>
    /// <param name="limit">When to give up.</param>
    /// <param name="timedOut">Called then.</param>
    public void Start(TimeSpan limit, Action timedOut)
    {
        _end = timers.After(limit, () =>
        {
            Cancel();
            timedOut();
        });
        Send(s_firstInterval);
    }

    /// <summary>Ends without a word: it was answered, or nobody wants it any more.</summary>
    public void Cancel()
    {
        _repetition?.Cancel();
        _end?.Cancel();
    }

    private void Send(TimeSpan interval)
    {
        _repetition = timers.After(interval, () => Send(2 * interval));
        send(timers.Now - _began);
    }
}
