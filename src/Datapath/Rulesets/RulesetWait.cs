using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>Looks at the ruleset again whenever it has changed, until it is as wanted or the time is up.</summary>
/// <param name="patience">The time.</param>
public sealed class RulesetWait(TimeSpan patience) : IDisposable
{
    private readonly long _deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
    private NftMonitor? _monitor;
    private bool _isOver;

    /// <summary>Waits until there is a reason to look again.</summary>
    /// <returns>False if there is none any more.</returns>
    /// <exception cref="Linux.LinuxException">The socket failed.</exception>
    public bool TryWait()
    {
        if (_isOver || patience == TimeSpan.Zero)
            return false;
        if (_monitor is null)
        {
            // What changed before it listened it cannot tell.
            _monitor = NftMonitor.Open();
            return true;
        }
        // An attachment also dies without a change of the ruleset, hence a last look.
        _isOver = !_monitor.WaitForChange(TimeSpan.FromMilliseconds(_deadline - Environment.TickCount64));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _monitor?.Dispose();
}
