namespace Datapath.Reconciliation;

/// <summary>When a <see cref="ReconcileLoop"/> looks.</summary>
public sealed record ReconcileTimes
{
    /// <summary>At the latest after this, even if nobody has told of a change: what no notification tells of is found then.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>At the earliest after this, so that a thousand changes in a row are one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>After a failure; twice as long after each further one, up to <see cref="Interval"/>.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);
}
