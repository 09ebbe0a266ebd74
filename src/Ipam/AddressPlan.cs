using System.Buffers.Binary;
using Linux.Addresses;

namespace Ipam;

/// <summary>
/// The addresses that come next, worked out when the database was open anyway, for the ADDs that follow. It holds as long as nothing but
/// those ADDs takes addresses: what is released meanwhile is free all the same, and comes in the next round.
/// </summary>
/// <param name="RangeSets">The range sets that it is for, as <see cref="Describe"/> puts them: a plan for others is none.</param>
/// <param name="Sets">The addresses of each.</param>
internal sealed record AddressPlan(ReadOnlyMemory<byte> RangeSets, IReadOnlyList<PlannedSet> Sets)
{
    /// <summary>How many ADDs it serves at most; then the database is opened again.</summary>
    public const int MaxLength = 32;

    // Family, first, last and gateway.
    private const int RangeSize = 1 + (3 * 16);

    /// <summary>A plan that serves nobody.</summary>
    public static AddressPlan None { get; } = new(default, []);

    /// <summary>How many ADDs it serves.</summary>
    public int Length => Sets.Count == 0 ? 0 : Sets.Min(static set => set.Next.Count);

    /// <summary>
    /// Range sets as bytes: per set u16 count of ranges, per range u8 family (4 or 6), first, last and gateway of 16 bytes each.
    /// </summary>
    public static byte[] Describe(IReadOnlyList<RangeSet> sets)
    {
        byte[] bytes = new byte[sets.Sum(static set => sizeof(ushort) + (set.Ranges.Count * RangeSize))];
        Span<byte> rest = bytes;
        foreach (RangeSet set in sets)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)set.Ranges.Count);
            rest = rest[sizeof(ushort)..];
            foreach (IpRange range in set.Ranges)
            {
                rest[0] = range.Family.Version;
                BinaryPrimitives.WriteUInt128LittleEndian(rest[1..], range.First);
                BinaryPrimitives.WriteUInt128LittleEndian(rest[17..], range.Last);
                BinaryPrimitives.WriteUInt128LittleEndian(rest[33..], range.Gateway?.ToUInt128() ?? 0);
                rest = rest[RangeSize..];
            }
        }
        return bytes;
    }

    /// <summary>Whether it was made for these range sets.</summary>
    public bool IsFor(IReadOnlyList<RangeSet> sets) => Sets.Count == sets.Count && RangeSets.Span.SequenceEqual(Describe(sets));

    /// <summary>What is left when some ADDs have been served.</summary>
    public AddressPlan Behind(int served) => served == 0 ? this : this with
    {
        Sets = [.. Sets.Select(set => set with { Last = set.Next[served - 1], Next = [.. set.Next.Skip(served)] })],
    };
}
