namespace Datapath.Links;

/// <summary>
/// Indexes for links that are about to be made, so that further requests of the same datagram can address the new link by a number that
/// no other link has (docs/design.md, "rtnetlink").
/// </summary>
public static class ChosenIndex
{
    // Above anything that the kernel counts up to in the life of a node, below the sign bit.
    private const int Min = 1 << 24;

    /// <summary>An index that is free but for a chance of one in millions.</summary>
    public static int Next() => Random.Shared.Next(Min, int.MaxValue);
}
