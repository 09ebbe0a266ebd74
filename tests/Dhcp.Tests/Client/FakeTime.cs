using Dhcp.Client;

namespace Dhcp.Tests.Client;

/// <summary>A clock that the test moves.</summary>
internal sealed class FakeTime
{
    private TimeSpan _now = TimeSpan.FromHours(1);

    public FakeTime() => Timers = new TimerQueue(() => _now);

    public TimerQueue Timers { get; }

    /// <summary>Lets time pass, and what becomes due run at its time.</summary>
    public void Pass(TimeSpan span)
    {
        TimeSpan end = _now + span;
        while (Timers.NextDelay is { } delay && _now + delay <= end)
        {
            _now += delay;
            Timers.RunDue();
        }
        _now = end;
    }

    public void PassSeconds(double seconds) => Pass(TimeSpan.FromSeconds(seconds));
}
