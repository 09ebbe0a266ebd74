namespace Datapath.Reconciliation;

/// <summary>What has to be done so that there is what is wanted.</summary>
/// <param name="Missing">Wanted, and not there.</param>
/// <param name="Different">Wanted, and there in another shape.</param>
/// <param name="Superfluous">There, and not wanted.</param>
public sealed record Difference<TItem>(IReadOnlyList<TItem> Missing, IReadOnlyList<TItem> Different, IReadOnlyList<TItem> Superfluous)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>How many objects are touched.</summary>
    public int Count => Missing.Count + Different.Count + Superfluous.Count;
}
