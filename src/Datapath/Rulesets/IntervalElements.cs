using Linux.Addresses;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>Prefixes as elements of a set of intervals.</summary>
public static class IntervalElements
{
    /// <summary>
    /// The addresses of some prefixes of one family; what overlaps or touches becomes one interval, since the kernel takes no overlap.
    /// </summary>
    public static IReadOnlyList<NftElement> Of(IEnumerable<IpPrefix> prefixes)
    {
        List<NftElement> elements = [];
        NftValue? end = null;
        bool isOpen = false;
        foreach (IpPrefix prefix in prefixes.OrderBy(static prefix => prefix.Network.ToUInt128()).ThenBy(static prefix => prefix.Length))
        {
            NftValue first = NftValue.Of(prefix.Network);
            NftValue? next = NftValue.Of(prefix.Broadcast).Next();
            // Null is the end of all addresses.
            if (isOpen && (end is not { } last || first.Bytes.SequenceCompareTo(last.Bytes) <= 0))
            {
                if (end is { } reached && (next is not { } further || further.Bytes.SequenceCompareTo(reached.Bytes) > 0))
                    end = next;
                continue;
            }
            Close(elements, end);
            elements.Add(new NftElement(first));
            (end, isOpen) = (next, true);
        }
        Close(elements, end);
        return elements;
    }

    private static void Close(List<NftElement> elements, NftValue? end)
    {
        if (end is { } key)
            elements.Add(new NftElement(key) { IsIntervalEnd = true });
    }
}
