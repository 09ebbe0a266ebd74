using Agent.Blocks;
using Linux.Addresses;

namespace Agent.Networks;

/// <summary>Decides which blocks a node wants, from how full those are that it has.</summary>
internal static class BlockDemand
{
    /// <summary>
    /// Whether another block of each family should be claimed: there is none of a family, or three quarters of the addresses
    /// that pods can have are held.
    /// </summary>
    /// <param name="families">Those that the network has.</param>
    /// <param name="used">How much is not free of each block that gives addresses.</param>
    public static bool WantsMore(IEnumerable<IpFamily> families, IReadOnlyDictionary<IpPrefix, BlockUse> used) => families.Any(family =>
    {
        (IpPrefix Block, BlockUse Use)[] blocks =
        [
            .. used.Where(block => block.Key.Family == family).Select(static block => (block.Key, block.Value)),
        ];
        return blocks.Length == 0 || IsBusy(blocks);
    });

    /// <summary>The blocks that nobody holds an address of, and whose loss would not make another one wanted.</summary>
    public static IReadOnlyList<IpPrefix> Spare(IReadOnlyDictionary<IpPrefix, BlockUse> used)
    {
        List<IpPrefix> spare = [];
        foreach (IGrouping<IpFamily, KeyValuePair<IpPrefix, BlockUse>> family in used.GroupBy(static block => block.Key.Family))
        {
            List<(IpPrefix Block, BlockUse Use)> left = [.. family.Select(static block => (block.Key, block.Value))];
            foreach ((IpPrefix Block, BlockUse Use) block in left.Where(static block => block.Use.Held == 0).ToArray())
            {
                if (left.Count == 1 || IsBusy([.. left.Where(other => other.Block != block.Block)]))
                    break;
                _ = left.Remove(block);
                spare.Add(block.Block);
            }
        }
        return spare;
    }

    // A block of one address is busy as soon as it is held, and so is one of two or three.
    private static bool IsBusy(IReadOnlyCollection<(IpPrefix Block, BlockUse Use)> blocks) =>
        blocks.Sum(static block => block.Use.Held)
        >= 0.75 * blocks.Sum(static block => BlockAddresses.CountOfPods(block.Block) - block.Use.Reserved);
}
