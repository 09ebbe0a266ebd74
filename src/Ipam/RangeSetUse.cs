namespace Ipam;

/// <summary>How full a range set is.</summary>
/// <param name="Set">The range set.</param>
/// <param name="Capacity">How many addresses it can give.</param>
/// <param name="Held">How many of them are held, by attachments of whatever configuration.</param>
public readonly record struct RangeSetUse(RangeSet Set, UInt128 Capacity, UInt128 Held)
{
    public bool IsFull => Held >= Capacity;
}
